"""The cases of solver.py."""

import numpy as np
import pytest

import formulas
import stand_ins
import training
from houses import MIRRORS, Houses
from tolerances import RTOL, room

COURSE_W, COURSE_RATE = np.array([[0.1], [0.1]]), 0.5


def drawn_houses(rng):
    """Draw data of the assignment's form, with labels of both kinds."""
    parts = []
    for rows in (int(rng.integers(20, 60)), int(rng.integers(5, 15)), 1):
        parts.append(rng.uniform(size=(rows, 1)).astype(np.float32))
        parts.append(rng.permutation(np.arange(rows) % 2).astype(float)[:, np.newaxis])
    return Houses(*parts)


def mistakes(W, rate, houses):
    """Return what known mistakes make of the update of `W`."""
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


def judge_update(check, before, after, rate, houses):
    """Compare the update that one step made."""
    check.that(
        after.shape == before.shape,
        f"After _step() model.W has shape {after.shape}, but {before.shape} was expected: "
        "opt.step() needs a gradient of the shape of W, so transpose or reshape the mean.",
    )
    check.close(
        after - before,
        -rate * formulas.loss_gradient(before, houses.X_train, houses.y_train),
        rtol=RTOL,
        atol=room(before),
        name="the update of model.W",
        mistakes=mistakes(before, rate, houses),
    )


@pytest.mark.case("SolverStepTest", points=15, file="solver.py")
def test_step(submission, rng, check, houses):
    """One _step() changes model.W by -lr times the mean gradient over the training data."""
    Model, Loss = stand_ins.model(submission), stand_ins.loss(submission)
    submission.replace("classifier.py", Classifier=Model)
    submission.replace("loss.py", BCE=Loss)
    submission.replace("optimizer.py", Optimizer=stand_ins.optimizer(submission))
    inputs = [(COURSE_W, COURSE_RATE, houses)]
    for rate in map(float, rng.uniform(0.01, 1, 2)):
        inputs.append((rng.normal(size=(2, 1)), rate, drawn_houses(rng)))
    for W, rate, data in inputs:
        model = Model(num_features=1)
        model.W = W
        solver = submission.solver.Solver(model, data.inside(), Loss(), rate)
        solver._step()
        judge_update(check, W, model.W.array(), rate, data)


@pytest.mark.case(
    "SolverAccuracyTest",
    points=15,
    file="solver.py",
    seconds=20,
    after=("loss.py", "classifier.py", "optimizer.py"),
)
def test_accuracy(submission, rng, check, report, houses):
    """Training with rate 0.1 reaches more than 0.85 accuracy on rows that the solver never sees.

    It does so on the data of the assignment, and on a mirror image of it.
    """
    trainer = training.trainer(submission, report)
    solver = training.judge(trainer, check, houses, "the assignment's data")
    mirror = str(rng.choice(list(MIRRORS)))
    training.judge(trainer, check, MIRRORS[mirror](houses), f"the data with {mirror}")
    training.plot(solver, report)
