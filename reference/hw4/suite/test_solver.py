"""The cases of solver.py."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest

import formulas
import stand_ins
import training
from houses import MIRRORS, Houses, rescaled
from judging import RTOL, room, weights
from training import Training


@dataclass(frozen=True, eq=False)
class Step:
    """A step from weights `W`, (2, 1)."""

    W: np.ndarray
    rate: float
    houses: Houses


def steps(rng, houses):
    """Yield drawn steps, then the course's: at its rate of 0.5 some mistakes look alike."""
    for rate in map(float, rng.uniform(0.01, 1, 2)):
        yield Step(rng.normal(size=(2, 1)), rate, drawn_houses(rng))
    yield Step(np.array([[0.1], [0.1]]), 0.5, houses)


def drawn_houses(rng):
    """Draw data of the assignment's form, with labels of both kinds."""
    parts = []
    for rows in (int(rng.integers(20, 60)), int(rng.integers(5, 15)), 1):
        parts.append(rng.uniform(size=(rows, 1)).astype(np.float32))
        parts.append(rng.permutation(np.arange(rows) % 2).astype(float)[:, np.newaxis])
    return Houses(*parts)


def mistakes(step):
    """Return what known mistakes make of the update."""
    W, rate, houses = step.W, step.rate, step.houses
    X, y_truth = houses.X_train, houses.y_train
    y, rows = formulas.forward(W, X), len(X)
    loss, of_loss = formulas.bce(y, y_truth), formulas.bce_gradient(y, y_truth)
    of_model = formulas.gradient(W, X)
    gradient = formulas.loss_gradient(W, X, y_truth)
    twice = gradient + formulas.loss_gradient(W - rate * gradient, X, y_truth)
    on_validation = formulas.loss_gradient(W, houses.X_val, houses.y_val)
    chain = "by the chain rule multiply both gradients, sample by sample, and take the mean"
    return {
        "_step did not change model.W: hand the gradient to self.opt.step(), and make the "
        "optimizer with the solver's own model.": 0 * W,
        "_step takes the sum over the samples: take the mean over axis 0.": -rate * rows * gradient,
        "_step goes up the gradient, the sign is turned: opt.step() subtracts already.": (
            rate * gradient
        ),
        "_step goes up the gradient, the sign is turned, and it takes the sum over the samples: "
        "take the mean over axis 0.": rate * rows * gradient,
        "_step ignores the learning rate: make the optimizer with it.": -gradient,
        "_step uses the optimizer's default learning rate: make the optimizer with the solver's.": (
            -formulas.DEFAULT_RATE * gradient
        ),
        "_step applies the learning rate twice: opt.step() multiplies by it already.": (
            -(rate**2) * gradient
        ),
        "_step divides by the number of samples twice.": -rate * gradient / rows,
        "_step makes two updates: make one.": -rate * twice,
        "_step makes the update twice: call opt.step() once.": -2 * rate * gradient,
        "_step does not train the bias: hand the whole gradient to opt.step(), (D+1, 1).": (
            -rate * gradient * [[1], [0]]
        ),
        "_step hands its arguments to the loss in the wrong order: loss_func(y_out, y_truth).": (
            -rate * _mean(formulas.bce_gradient(y_truth, y) * of_model)
        ),
        "_step uses the validation data: the gradient is taken on the training data.": (
            -rate * on_validation
        ),
        f"_step multiplies the mean of one gradient by the mean of the other: {chain}.": (
            -rate * of_loss.mean() * _mean(of_model)
        ),
        "_step takes the mean over everything: take it over the samples only, axis 0, so that each "
        "weight has its own gradient.": 0 * W - rate * np.mean(of_loss * of_model),
        f"_step leaves out the gradient of the model: {chain}.": 0 * W - rate * of_loss.mean(),
        f"_step leaves out the gradient of the loss: {chain}.": -rate * _mean(of_model),
        "_step multiplies by the loss where its gradient belongs: calling loss_func gives "
        "(loss, gradient).": -rate * _mean(loss * of_model),
    }


def _mean(gradients):
    return gradients.mean(axis=0)[:, np.newaxis]


def judge_step(check, solver, model, step):
    """Make one step and compare the update of model.W."""
    solver._step()
    hint = "opt.step() needs a gradient of the shape of W: transpose or reshape the mean."
    after = weights(model, step.W.shape, "After _step()", hint)
    gradient = formulas.loss_gradient(step.W, step.houses.X_train, step.houses.y_train)
    check.close(
        after - step.W,
        -step.rate * gradient,
        rtol=RTOL,
        atol=room(step.W),
        name="the update of model.W",
        mistakes=partial(mistakes, step),
    )


@pytest.mark.case("SolverStepTest", points=15, file="solver.py")
def test_step(submission, rng, check, houses):
    """One _step() changes model.W by -lr times the mean gradient over the training data."""
    Model, Loss = stand_ins.model(submission), stand_ins.loss(submission)
    submission.replace("classifier.py", Classifier=Model)
    submission.replace("loss.py", BCE=Loss, Loss=Loss)  # for isinstance(…, Loss)
    submission.replace("optimizer.py", Optimizer=stand_ins.optimizer(submission))
    for step in steps(rng, houses):
        model = Model(num_features=1)
        model.W = step.W
        solver = submission.solver.Solver(model, step.houses.inside(), Loss(), step.rate)
        judge_step(check, solver, model, step)


@pytest.mark.case(
    "SolverAccuracyTest",
    points=15,
    file="solver.py",
    seconds=20,
    after=("loss.py", "classifier.py", "optimizer.py"),
)
def test_accuracy(submission, rng, check, report, houses):
    """Training with rate 0.1 reaches more than 0.85 accuracy on rows that the solver never sees.

    It does so on the data of the assignment, and on a mirror image of it at another scale, so that
    no weights written into the code are right for both.
    """
    trainer = training.trainer(submission, report)
    mirror = str(rng.choice(list(MIRRORS)))
    other = rescaled(MIRRORS[mirror](houses), float(rng.uniform(1.9, 2.3)))
    first = Training(trainer, check, houses, "the assignment's data")
    try:
        first.judge()
        Training(trainer, check, other, f"the data with {mirror}, and rescaled").judge()
    finally:
        first.plot(report)  # a training that failed shows why
