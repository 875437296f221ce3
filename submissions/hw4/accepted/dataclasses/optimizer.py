from dataclasses import dataclass, field
from typing import Any


@dataclass
class Optimizer:
    model: Any
    learning_rate: float = 5e-5
    lr: float = field(init=False)

    def __post_init__(self):
        self.lr = self.learning_rate

    def step(self, dw):
        self.model.W = self.model.W - self.lr * dw
