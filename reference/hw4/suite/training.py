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
PLOTTED = 2000  # values of a history, at most
GOAL = 0.85  # accuracy on the test rows
STAGES = (250, 1000, 5000, 25000)  # epochs; right files reach the goal within 130
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


def judge(trainer, check, houses, name):
    """Train on `houses`, longer and longer until the goal is reached; return the last solver.

    Raises:
        WrongAnswer: it never is, or a stage shows that it never will be.
    """
    reached = 0.0
    for epochs in STAGES:
        model, solver = trainer.solver(houses)
        solver.train(epochs)
        when = f"After train({epochs}) on {name}"
        W = weights(model, START.shape, when, "train must leave the best weights in model.W.")
        _judge_weights(check, W, houses, when)
        reached = formulas.accuracy(W, houses.X_test, houses.y_test)
        if reached > GOAL:
            return solver
    check.fail(
        f"After train({STAGES[-1]}) on {name} the accuracy on the test data is {reached:.4f}, but "
        f"more than {GOAL} was expected: does each epoch make a step, and do the best weights end "
        "up in model.W?"
    )


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


def plot(solver, report):
    """Report the solver's histories, if they are there."""
    for name in ("train_loss_history", "val_loss_history"):
        try:
            values = getattr(solver, name).array()
        except CaseEnded:
            continue  # they are for the eye: no point is lost over them
        values = values.reshape(-1)
        if values.dtype.kind in "fiu" and values.size and np.isfinite(values).all():
            report.series(name, values[:: len(values) // PLOTTED + 1].tolist())
