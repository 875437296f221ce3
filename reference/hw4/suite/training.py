"""Train a submission in stages, and judge where it has come to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import formulas
import stand_ins
from grader.suite.outcomes import CaseEnded
from judging import weights

RATE = 0.1
GRID = 60  # points of the predicted curve
GOAL = 0.85  # accuracy on the test rows
# Epochs. Right files reach the goal within 130; 100 more of them were a fifth of a run's CPU.
STAGES = (150, 250, 1000, 5000, 25000)
START = np.array([[0.1], [0.1]])
_MAKERS = {
    "loss.py": (("BCE", "Loss"), stand_ins.loss),
    "classifier.py": (("Classifier",), stand_ins.model),
    "optimizer.py": (("Optimizer",), stand_ins.optimizer),
}


@dataclass(frozen=True)
class Trainer:
    """A submission's solver, and what stands in for which of its other files."""

    submission: Any
    stand_in: Mapping[str, Any]

    def solver(self, houses):
        """Return a fresh model, at the start, and a fresh solver for it."""
        model = self._class("classifier.py")(num_features=1)
        self.submission.attempt(model.initialize_weights, START)
        model.W = START
        loss = self._class("loss.py")()
        return model, self.submission.solver.Solver(model, houses.inside(), loss, RATE)

    def _class(self, file):
        if file in self.stand_in:
            return self.stand_in[file]
        module = getattr(self.submission, file.removesuffix(".py"))
        return getattr(module, _MAKERS[file][0][0])


def trainer(submission, report):
    """Replace the files that lost a case of their own, or are missing, and say so in the report."""
    stand_in = {}
    for file, (names, make) in _MAKERS.items():
        if submission.lost(file):
            stand_in[file] = make(submission)
            submission.replace(file, **dict.fromkeys(names, stand_in[file]))
            why = "is missing" if submission.missing(file) else "lost a case of its own"
            report.note(f"{file} was replaced by a correct one for the training, because it {why}")
    return Trainer(submission, stand_in)


class Training:
    """Training on `houses`, longer and longer until the goal is reached."""

    def __init__(self, trainer, check, houses, name):
        self._trainer, self._check, self._houses, self._name = trainer, check, houses, name
        self._solver = self._W = None  # of the last training that came to an end

    def judge(self):
        """Train and judge.

        Raises:
            WrongAnswer: the goal is never reached, or a stage shows that it never will be.
        """
        check, houses = self._check, self._houses
        reached = 0.0
        for epochs in STAGES:
            self._solver = self._W = None
            model, solver = self._trainer.solver(houses)
            solver.train(epochs)
            self._solver = solver
            when = f"After train({epochs}) on {self._name}"
            W = weights(model, START.shape, when, "train must leave the best weights in model.W.")
            self._W = W
            _judge_weights(check, W, houses, when)
            reached = formulas.accuracy(W, houses.X_test, houses.y_test)
            if reached > GOAL:
                return
        check.fail(
            f"After train({STAGES[-1]}) on {self._name} the accuracy on the test data is "
            f"{reached:.4f}, but more than {GOAL} was expected: does each epoch make a step, and "
            "do the best weights end up in model.W?"
        )

    def plot(self, report):
        """Draw the course's two pictures, as far as the last training came."""
        if self._solver is not None:
            _plot_losses(self._solver, report.plot("Loss", "epoch", "mean loss"))
        if self._W is not None and not np.iscomplexobj(self._W):
            picture = report.plot(
                "Prediction on the training data", "living area, scaled", "expensive (1), cheap (0)"
            )
            _plot_prediction(self._W, self._houses, picture)


def _judge_weights(check, W, houses, when):
    check.that(not np.iscomplexobj(W), f"{when} model.W holds complex numbers.")
    check.that(np.isfinite(W).all(), f"{when} model.W holds NaN or infinity.")
    check.that(
        (W != START).any(),
        f"{when} model.W is what it was before: train must call _step(), which must update "
        "model.W, and must leave the best weights in model.W.",
    )
    before, after = (formulas.mean_loss(w, houses.X_train, houses.y_train) for w in (START, W))
    check.that(
        after < before,
        f"{when} the loss on the training data is {after:.4g}, no lower than the {before:.4f} "
        "before: does each step go down the gradient, and are the best weights kept?",
    )


def _plot_losses(solver, picture):
    for name in ("train", "val"):
        try:
            values = getattr(solver, f"{name}_loss_history").array()
        except CaseEnded:
            continue  # they are for the eye: no point is lost over them
        if values.dtype.kind in "fiu":
            picture.line({"train": "training", "val": "validation"}[name], values)


def _plot_prediction(W, houses, picture):
    """Draw what the submission was given to train on; the test rows are in no picture."""
    X = houses.X_train
    grid = np.linspace(X.min(), X.max(), GRID)[:, np.newaxis]
    with np.errstate(over="ignore", invalid="ignore"):  # weights of any size are drawn
        picture.points("houses", houses.y_train, X)
        picture.line("predicted", formulas.forward(W, grid), grid)
