"""What stands in for a file of this exercise when another file is judged.

The data of such an object lives here, so it can be read, set and copied like that of any other.
The methods that raise NotImplementedError are the exercise; the grader answers them from outside.
"""

import numpy as np

from exercise_code.networks.base_networks import Network


class Model(Network):
    """Stands in for the classifier."""

    def __init__(self, num_features=2):
        super().__init__("classifier")
        self.num_features = num_features
        self.W = None

    def initialize_weights(self, weights=None):
        """Set W, (D+1, 1), to the weights given or to small random numbers."""
        if weights is None:
            weights = 0.001 * np.random.randn(self.num_features + 1, 1)
        assert weights.shape == (self.num_features + 1, 1), (
            "the weights must have shape (num_features + 1, 1)"
        )
        self.W = weights

    def forward(self, X):
        raise NotImplementedError

    def backward(self, y):
        raise NotImplementedError

    def sigmoid(self, x):
        raise NotImplementedError

    def save_model(self):
        """Nothing is saved here."""


class LossFunction:
    """Stands in for the loss."""

    def __init__(self):
        self.grad_history = []

    def __call__(self, y_out, y_truth):
        return self.forward(y_out, y_truth), self.backward(y_out, y_truth)

    def forward(self, y_out, y_truth):
        raise NotImplementedError

    def backward(self, y_out, y_truth):
        raise NotImplementedError


class PlainOptimizer:
    """Stands in for the optimizer."""

    def __init__(self, model, learning_rate=5e-5):
        self.model = model
        self.lr = learning_rate

    def step(self, dw):
        raise NotImplementedError
