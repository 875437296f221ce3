from dataclasses import dataclass, field
from typing import Any

from exercise_code.networks.optimizer import Optimizer


@dataclass
class Solver:
    model: Any
    data: dict
    loss_func: Any
    learning_rate: float
    is_regression: bool = True
    verbose: bool = True
    print_every: int = 100
    train_loss_history: list = field(default_factory=list)
    val_loss_history: list = field(default_factory=list)
    best_W: Any = None

    def __post_init__(self):
        self.opt = Optimizer(self.model, self.learning_rate)

    def _step(self):
        y_out, local = self.model(self.data["X_train"])
        _, upstream = self.loss_func(y_out, self.data["y_train"])
        self.opt.step((upstream * local).mean(axis=0)[:, None])

    def check_loss(self, validation=True):
        part = "val" if validation else "train"
        y_out, _ = self.model(self.data["X_" + part])
        return self.loss_func(y_out, self.data["y_" + part])[0].mean()

    def train(self, epochs=1000):
        for epoch in range(epochs):
            self._step()
            self.train_loss_history.append(self.check_loss(False))
            self.val_loss_history.append(self.check_loss())
            if self.val_loss_history[-1] == min(self.val_loss_history):
                self.best_W = self.model.W
        self.model.W = self.best_W
