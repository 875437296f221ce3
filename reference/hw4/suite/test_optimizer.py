"""The case of optimizer.py."""

from functools import partial

import numpy as np
import pytest

import stand_ins
from formulas import DEFAULT_RATE
from judging import RTOL, room, weights


def mistakes(start, W, dw, rate):
    """Return what known mistakes make of the update of `W`; the optimizer was made at `start`."""
    return {
        "step did not change model.W: write the new weights back, self.model.W = weight.": 0 * dw,
        "step goes up the gradient, the sign is turned: subtract self.lr * dw.": rate * dw,
        "step ignores the learning rate: subtract self.lr * dw, not dw.": -dw,
        "step ignores the learning rate, and the sign is turned: subtract self.lr * dw.": dw,
        "step uses the default learning rate, not the one it was given: keep learning_rate in "
        "self.lr.": -DEFAULT_RATE * dw,
        "step replaces model.W by -self.lr * dw: subtract it from the weights there.": (
            -rate * dw - W
        ),
        "step replaces model.W by self.lr * dw: subtract it from the weights there.": rate * dw - W,
        "step replaces model.W by dw: subtract self.lr * dw from the weights there.": dw - W,
        "step starts from the weights of when the optimizer was made: read self.model.W in each "
        "step.": start - rate * dw - W,
        "step divides by the learning rate: subtract self.lr * dw.": -dw / rate,
        "step applies the learning rate twice: subtract self.lr * dw.": -(rate**2) * dw,
        "step makes the update twice: subtract self.lr * dw once.": -2 * rate * dw,
        "step takes the mean of dw: each weight has its own element of dw.": (
            0 * dw - rate * dw.mean()
        ),
        "step takes the sum of dw: each weight has its own element of dw.": (
            0 * dw - rate * dw.sum()
        ),
        "step takes the sign of dw alone: subtract self.lr * dw.": -rate * np.sign(dw),
    }


def judge_steps(check, model, optimizer, W, steps):
    """Make `steps`, a rate and gradients, and compare the updates of model.W with -rate * dw.

    `W` are the weights that the suite set: what the optimizer's constructor made of them is not to
    be trusted, least of all with the room that they give.
    """
    start = W
    rate, gradients = steps
    for dw in gradients:
        optimizer.step(dw)
        hint = "Subtract self.lr * dw, which has the shape of the weights, and keep the result."
        after = weights(model, W.shape, "After step(dw)", hint)
        check.close(
            after - W,
            -rate * dw,
            rtol=RTOL,
            atol=room(W),
            name="the update of model.W",
            mistakes=partial(mistakes, start, W, dw, rate),
        )
        W = np.asarray(after.real, dtype=float)


@pytest.mark.case("OptimizerStepTest", points=10, file="optimizer.py")
def test_step(submission, rng, check):
    """A step of gradient descent changes model.W by -lr·dw."""
    Model, module = stand_ins.plain_model(submission), submission.optimizer
    for rate in map(float, rng.uniform(0.01, 1, 3)):
        features = int(rng.integers(1, 5))
        model = Model(num_features=features)
        model.W = W = rng.normal(size=(features + 1, 1))
        gradients = rng.normal(size=(2, features + 1, 1))
        judge_steps(check, model, module.Optimizer(model, rate), W, (rate, gradients))

    model = Model(num_features=2)
    model.W = W = np.zeros((3, 1))  # beside larger weights an update this small would drown
    gradients = rng.normal(size=(1, 3, 1))
    judge_steps(check, model, module.Optimizer(model), W, (DEFAULT_RATE, gradients))
