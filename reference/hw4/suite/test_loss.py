"""The cases of loss.py."""

from functools import partial

import numpy as np
import pytest

import formulas
from judging import RTOL


def samples(rng):
    """Yield outputs in [0.05, 0.95] and labels, both of 0 and 1, in shapes (N,) and (N, 1)."""
    for columns in ((), (1,)):
        rows = int(rng.integers(5, 12))
        labels = rng.permutation(np.arange(rows) % 2).astype(float)
        yield rng.uniform(0.05, 0.95, rows).reshape(rows, *columns), labels.reshape(rows, *columns)


def forward_mistakes(p, y):
    """Return what known mistakes make of the loss of outputs `p` and labels `y`."""
    ones, zeros = -y * np.log(p), -(1 - y) * np.log(1 - p)
    return {
        "BCE.forward has the first term only. Samples with label 0 have a loss too: "
        "subtract (1 - y)·log(1 - ŷ).": ones,
        "BCE.forward has the second term only. Samples with label 1 have a loss too: "
        "subtract y·log(ŷ).": zeros,
        "BCE.forward adds (1 - y)·log(1 - ŷ) where it must subtract it: the minus sign is for both "
        "terms, so look at the brackets.": ones - zeros,
        "BCE.forward adds y·log(ŷ) where it must subtract it: the minus sign is for both terms, so "
        "look at the brackets.": zeros - ones,
        "BCE.forward takes log(ŷ) in both terms; the second one needs log(1 - ŷ).": -np.log(p),
        "BCE.forward has no logarithm: the loss is -y·log(ŷ) - (1 - y)·log(1 - ŷ).": (
            -y * p - (1 - y) * (1 - p)
        ),
        "BCE.forward returned the squared error (ŷ - y)²; the binary cross entropy is "
        "-y·log(ŷ) - (1 - y)·log(1 - ŷ).": (p - y) ** 2,
        "BCE.forward returned the absolute error |ŷ - y|; the binary cross entropy is "
        "-y·log(ŷ) - (1 - y)·log(1 - ŷ).": np.abs(p - y),
        "BCE.forward returned the gradient; that is what backward is for.": (
            formulas.bce_gradient(p, y)
        ),
    }


def backward_mistakes(p, y):
    """Return what known mistakes make of the gradient for outputs `p` and labels `y`."""
    ones, zeros = -y / p, (1 - y) / (1 - p)
    return {
        "BCE.backward returned ŷ - y, the gradient with respect to the logits; with respect to ŷ "
        "it is -y/ŷ + (1 - y)/(1 - ŷ), as the sigmoid is the classifier's part.": p - y,
        "BCE.backward has the first term only. Samples with label 0 have a gradient too: "
        "add (1 - y)/(1 - ŷ).": ones,
        "BCE.backward has the second term only. Samples with label 1 have a gradient too: "
        "subtract y/ŷ.": zeros,
        "BCE.backward has the sign of its second term turned: the derivative of -log(1 - ŷ) is "
        "+1/(1 - ŷ), as 1 - ŷ has a derivative of its own, -1.": ones - zeros,
        "BCE.backward has the sign of its first term turned: the derivative of -log(ŷ) is -1/ŷ.": (
            zeros - ones
        ),
        "BCE.backward returned the gradient of the squared error, 2(ŷ - y); that of the binary "
        "cross entropy is -y/ŷ + (1 - y)/(1 - ŷ).": 2 * (p - y),
        "BCE.backward returned the loss; here its derivative with respect to ŷ is asked.": (
            formulas.bce(p, y)
        ),
    }


@pytest.mark.case("BCEForwardTest", points=10, file="loss.py")
def test_forward(submission, rng, check):
    """The binary cross entropy, one loss per sample: -y·log(ŷ) - (1 - y)·log(1 - ŷ)."""
    for p, y in samples(rng):
        answer = submission.loss.BCE().forward(p, y)

        mistakes = partial(forward_mistakes, p, y)
        check.close(answer, formulas.bce(p, y), rtol=RTOL, flat=True, mistakes=mistakes)


@pytest.mark.case("BCEBackwardTest", points=10, file="loss.py")
def test_backward(submission, rng, check):
    """The gradient of each sample's loss with respect to ŷ: -y/ŷ + (1 - y)/(1 - ŷ)."""
    for p, y in samples(rng):
        answer = submission.loss.BCE().backward(p, y)

        mistakes = partial(backward_mistakes, p, y)
        check.close(answer, formulas.bce_gradient(p, y), rtol=RTOL, flat=True, mistakes=mistakes)
