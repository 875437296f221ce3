"""What is right: the formulas of the exercise, stable where a student's need not be."""

import numpy as np

DEFAULT_RATE = 5e-5  # the optimizer's default learning rate
_LEAST_CHANCE = 1e-12  # a training that diverges must not meet log(0)


def sigmoid(x):
    """Return 1/(1+e^-x) of each element."""
    return np.exp(-np.logaddexp(0, -x))


def with_bias(X):
    """Return [X 1], (N, D+1), of X, (N, D)."""
    return np.concatenate((X, np.ones((len(X), 1))), axis=1)


def forward(W, X):
    """Return the classifier's outputs, (N, 1), for weights (D+1, 1)."""
    return sigmoid(with_bias(X) @ W)


def gradient(W, X):
    """Return the gradient of each output with respect to the weights, (N, D+1)."""
    y = forward(W, X)
    return with_bias(X) * (y * (1 - y))


def bce(y_out, y_truth):
    """Return the binary cross entropy of each sample."""
    y_out = _chances(y_out)
    return -y_truth * np.log(y_out) - (1 - y_truth) * np.log(1 - y_out)


def bce_gradient(y_out, y_truth):
    """Return its gradient with respect to `y_out`, for each sample."""
    y_out = _chances(y_out)
    return -y_truth / y_out + (1 - y_truth) / (1 - y_out)


def _chances(y_out):
    return np.clip(y_out, _LEAST_CHANCE, 1 - _LEAST_CHANCE)


def loss_gradient(W, X, y_truth):
    """Return the gradient of the mean loss with respect to the weights, (D+1, 1)."""
    # The chain rule cancels y(1-y) against the denominators of the loss.
    return with_bias(X).T @ (forward(W, X) - y_truth) / len(X)


def mean_loss(W, X, y_truth):
    """Return the mean loss, for weights of any size: infinity or NaN where they overflow."""
    with np.errstate(over="ignore", invalid="ignore"):
        z = with_bias(X) @ W
        return float(np.mean(np.logaddexp(0, z) - y_truth * z))


def accuracy(W, X, y_truth):
    """Return the fraction of outputs on the right side of 0.5."""
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.mean((with_bias(X) @ W >= 0) == (y_truth == 1)))
