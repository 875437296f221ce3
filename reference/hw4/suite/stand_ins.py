"""Correct collaborators: the scaffold's classes inside, these functions outside.

A function gets the attributes that it reads and the arguments of the call, and gives the answer and
the attributes to set. What it raises on odd arguments is raised in the student's code, as if the
method ran there.
"""

import numpy as np

import formulas
from grader.suite.stand_in import Outside

_SCAFFOLD = "exercise_code.networks.stand_ins"
_QUIET = np.errstate(all="ignore")  # what overflows comes back as infinity, as it would inside


def model(submission):
    """Return a class that stands in for `Classifier`."""
    methods = {
        "forward": Outside(_forward, reads=("W",)),
        "backward": Outside(_backward, reads=("cache",)),
        "sigmoid": SIGMOID,
    }
    return submission.stand_in(f"{_SCAFFOLD}:Model", methods)


def plain_model(submission):
    """Return a class of models that hold weights and compute nothing."""
    return submission.stand_in(f"{_SCAFFOLD}:Model", {})


def loss(submission):
    """Return a class that stands in for `BCE`."""
    methods = {"forward": Outside(_loss), "backward": Outside(_loss_gradient)}
    return submission.stand_in(f"{_SCAFFOLD}:LossFunction", methods)


def optimizer(submission):
    """Return a class that stands in for `Optimizer`."""
    methods = {"step": Outside(_step, reads=("model.W", "lr"))}
    return submission.stand_in(f"{_SCAFFOLD}:PlainOptimizer", methods)


@_QUIET
def sigmoid(x):
    """Return the sigmoid as a student's would: of lists too, and a float of a float."""
    y = formulas.sigmoid(_numbers(x, "x"))
    return float(y) if isinstance(x, int | float) else y


@_QUIET
def _forward(state, X):
    if state["W"] is None:
        raise ValueError("the weights W are not initialized")
    X, W = _numbers(X, "X"), _numbers(state["W"], "W")
    if X.ndim != 2:
        raise ValueError(f"X must have shape (N, D), not {X.shape}")
    X = formulas.with_bias(X)
    return formulas.sigmoid(X @ W), {"cache": X}


@_QUIET
def _backward(state, y):
    if state["cache"] is None:
        raise ValueError("run a forward pass before the backward pass")
    y = _numbers(y, "y")
    return _numbers(state["cache"], "cache") * (y * (1 - y)), {}


def _sigmoid(_state, x):
    return sigmoid(x), {}


SIGMOID = Outside(_sigmoid)


@_QUIET
def _loss(_state, y_out, y_truth):
    return formulas.bce(_numbers(y_out, "y_out"), _numbers(y_truth, "y_truth")), {}


@_QUIET
def _loss_gradient(_state, y_out, y_truth):
    return formulas.bce_gradient(_numbers(y_out, "y_out"), _numbers(y_truth, "y_truth")), {}


@_QUIET
def _step(state, dw):
    W = _numbers(state["model.W"], "model.W") - _numbers(state["lr"], "lr") * _numbers(dw, "dw")
    return W, {"model.W": W}


def _numbers(value, name):
    if value is None:
        raise TypeError(f"{name} is None, but numbers were expected")
    if not _only_numbers(value):  # NumPy would pad every text in a list to the longest
        raise TypeError(f"{name} must hold real numbers")
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold real numbers")
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def _only_numbers(value):
    if isinstance(value, list | tuple):
        return all(map(_only_numbers, value))
    return isinstance(value, bool | int | float | np.ndarray)
