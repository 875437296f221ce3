from __future__ import annotations

from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


class Model(Protocol):
    W: Array


class Optimizer:
    DEFAULT: Final = 5e-5

    def __init__(self, model: Model, learning_rate: float = DEFAULT) -> None:
        self.model: Model = model
        self.lr: float = learning_rate

    def step(self, dw: Array) -> Array:
        self.model.W = self.model.W - self.lr * dw
        return self.model.W
