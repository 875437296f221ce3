"""The cases of classifier.py."""

import contextlib
from functools import partial

import numpy as np
import pytest

import formulas
import stand_ins
from grader.domain.verdicts import Verdict
from grader.suite.outcomes import StudentError
from judging import RTOL, SIGMOID_ATOL

COURSE_X = np.array([[1, 2], [3, 4]])


def sigmoid_mistakes(x):
    """Return what known mistakes make of the sigmoid of `x`."""
    y = formulas.sigmoid(x)
    if np.asarray(x).dtype.kind == "i":
        return {
            "sigmoid cut off the fractions: what is written into an array of integers, such as the "
            "one it was given or np.zeros_like of it, becomes an integer. Make a new array of "
            "floats.": np.trunc(y),
        }
    return {
        "sigmoid returned its derivative s·(1 - s); here s itself is asked.": y * (1 - y),
        "sigmoid computes 1/(1 + e^x); the exponent needs a minus: 1/(1 + e^(-x)).": (
            formulas.sigmoid(-x)
        ),
        "sigmoid lacks brackets: 1 / 1 + e^(-x) is 1 + e^(-x), so write 1 / (1 + e^(-x)).": (
            lambda: 1 + np.exp(-x)
        ),
        "sigmoid returned tanh(x); the sigmoid is 1/(1 + e^(-x)), between 0 and 1.": np.tanh(x),
        "sigmoid returned x as it came.": x,
    }


def judge_sigmoid(submission, check, *inputs):
    """Compare the sigmoid of each input with the true one.

    Drawn inputs go first: on 0 and on 100 alone many a mistake looks like another.
    """
    model = submission.classifier.Classifier(num_features=2)
    for x in inputs:
        mistakes = partial(sigmoid_mistakes, x)
        check.close(model.sigmoid(x), formulas.sigmoid(x), atol=SIGMOID_ATOL, mistakes=mistakes)


def large(rng, *shape):
    """Draw numbers in [20, 200], half of them negative."""
    return rng.uniform(20, 200, shape) * rng.permuted(np.resize([-1.0, 1.0], shape))


@pytest.mark.case("Sigmoid_Of_Zero", points=5, file="classifier.py")
def test_sigmoid_of_zero(submission, rng, check):
    """The sigmoid 1/(1 + e^(-x)) of a single number, such as 0."""
    judge_sigmoid(submission, check, *map(float, rng.uniform(-5, 5, 3)), 0.0)


@pytest.mark.case("Sigmoid_Of_Zero_Array", points=5, file="classifier.py")
def test_sigmoid_of_zero_array(submission, rng, check):
    """The sigmoid of each element of an array, in the array's shape."""
    drawn = rng.uniform(-5, 5, rng.integers(3, 9))
    judge_sigmoid(submission, check, drawn, np.zeros(5, dtype=int))


@pytest.mark.case("Sigmoid_Of_100", points=5, file="classifier.py")
def test_sigmoid_of_100(submission, rng, check):
    """The sigmoid of a large number of either sign: close to 1 or to 0, and never NaN."""
    judge_sigmoid(submission, check, *sorted(map(float, large(rng, 4))), 100.0)


@pytest.mark.case("Sigmoid_Of_Array_of_100", points=5, file="classifier.py")
def test_sigmoid_of_array_of_100(submission, rng, check):
    """The sigmoid of each element of an array of large numbers, in the array's shape."""
    rows = int(rng.integers(3, 9))
    judge_sigmoid(submission, check, large(rng, rows), large(rng, rows + 1, 1), np.full(5, 100))


def models(rng):
    """Yield weights (D+1, 1) and samples (N, D): the course's, then drawn ones of other widths."""
    yield rng.normal(size=(3, 1)) / 2, COURSE_X
    for features in rng.permutation([1, 3, 4])[:2]:
        rows = int(rng.integers(7, 12))
        yield rng.normal(size=(features + 1, 1)), rng.normal(size=(rows, features))


def classifier(submission, W):
    """Return the student's classifier with these weights and a correct sigmoid."""
    model = submission.classifier.Classifier(num_features=len(W) - 1)
    with contextlib.suppress(StudentError):  # a property, or slots: then it is the student's own
        model.sigmoid = submission.function(stand_ins.SIGMOID)
    submission.attempt(model.initialize_weights, W)
    return model


def judge_weights(submission, rng, check):
    """Check that initialize_weights keeps the weights that it is given."""
    for features in (1, 3):
        W = rng.normal(size=(features + 1, 1))
        model = submission.classifier.Classifier(num_features=features)
        model.initialize_weights(W)
        given = model.W.array(shape=W.shape)
        kept = np.abs(given - W).max() <= SIGMOID_ATOL
        check.that(kept, "initialize_weights(weights) must keep the weights given to it in W.")


def fill_cache(submission, model, X):
    """Run forward for what it leaves in the cache; what it returns or raises does not count.

    Where it raises before it has filled the cache, [X 1] is there: that is what most files keep.
    """
    submission.attempt(model.forward, X)
    try:
        model.forward(X)
    except StudentError as error:
        if error.verdict is Verdict.RUNTIME_ERROR:
            model.cache = formulas.with_bias(X)
            submission.attempt(model.forward, X)


def forward_mistakes(W, X):
    """Return what known mistakes make of the outputs."""
    A, y = formulas.with_bias(X), formulas.forward(W, X)
    no_bias = "forward leaves out the bias: append a column of ones to X, so that X is (N, D+1)."
    return {
        "forward returned X·W without the sigmoid: return self.sigmoid(X·W).": A @ W,
        "forward has the bias column first: the column of ones belongs after the features, as the "
        "last row of W is the bias.": formulas.sigmoid(np.roll(A, 1, axis=1) @ W),
        no_bias: formulas.sigmoid(X @ W[:-1]),
        f"{no_bias} And the first weight is no bias.": formulas.sigmoid(X @ W[1:]),
        "forward adds 1 in place of the bias; the bias is the last row of W, so append a column of "
        "ones to X.": formulas.sigmoid(X @ W[:-1] + 1),
        "forward applies the sigmoid twice.": formulas.sigmoid(y),
        "forward rounds to the labels 0 and 1; what is asked is the sigmoid's value.": (
            np.round(y)
        ),
        "forward returned the sigmoid of -X·W: a sign is turned.": formulas.sigmoid(-(A @ W)),
        "forward returned the derivative y·(1 - y); that belongs into backward.": y * (1 - y),
    }


def backward_mistakes(W, X):
    """Return what known mistakes make of the gradient."""
    A, y = formulas.with_bias(X), formulas.forward(W, X)
    rows, twice = A * (y * (1 - y)), formulas.sigmoid(y)
    each = "one row per sample is asked, shape (N, D+1), so leave out the"
    factor = "multiply the rows of [X 1] by the sigmoid's derivative y·(1 - y)"
    return {
        "backward returned the gradient without its bias column: keep X with the column of ones "
        "appended in self.cache.": rows[:, :-1],
        "backward has the bias column first: the column of ones belongs after the features.": (
            np.roll(rows, 1, axis=1)
        ),
        "backward has a bias column of zeros: it must be the column of ones, times y·(1 - y).": (
            rows * (np.arange(W.size) < W.size - 1)
        ),
        f"backward returned [X 1] itself: {factor}.": A,
        f"backward returned y·(1 - y) alone: {factor}.": y * (1 - y),
        f"backward multiplies by y: {factor}.": A * y,
        f"backward multiplies by 1 - y: {factor}.": A * (1 - y),
        "backward applies the sigmoid to y, which is the sigmoid's value already.": (
            A * (twice * (1 - twice))
        ),
        f"backward returned the sum over the batch; {each} sum.": rows.sum(0)[:, np.newaxis],
        f"backward returned the mean over the batch; {each} mean.": rows.mean(0)[:, np.newaxis],
    }


@pytest.mark.case("ClassifierForwardTest", points=10, file="classifier.py")
def test_forward(submission, rng, check):
    """The classifier's output: sigmoid([X 1]·W), shape (N, 1), with the bias column last."""
    for W, X in models(rng):
        model = classifier(submission, W)
        model.W = W
        answer = model.forward(X)

        mistakes = partial(forward_mistakes, W, X)
        check.close(answer, formulas.forward(W, X), atol=SIGMOID_ATOL, mistakes=mistakes)
    judge_weights(submission, rng, check)  # here alone: one mistake costs once


@pytest.mark.case("ClassifierBackwardTest", points=10, file="classifier.py")
def test_backward(submission, rng, check):
    """The gradient of each output with respect to W: [X 1] times y·(1 - y), row by row."""
    for W, X in models(rng):
        model = classifier(submission, W)
        model.W = W
        fill_cache(submission, model, X)
        answer = model.backward(formulas.forward(W, X))

        mistakes = partial(backward_mistakes, W, X)
        check.close(answer, formulas.gradient(W, X), rtol=RTOL, mistakes=mistakes)
