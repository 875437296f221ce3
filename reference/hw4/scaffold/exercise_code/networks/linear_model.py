"""Linear regression, the model before this exercise. Files of this exercise import all its names."""

import os
import pickle

import numpy as np

from exercise_code.networks.base_networks import Network


class LinearModel(Network):
    """A model of the form y = [X 1] W: one weight for each feature, and the bias last."""

    def __init__(self, num_features=2):
        super().__init__("linear_model")
        self.num_features = num_features
        self.W = None

    def initialize_weights(self, weights=None):
        """Set the weights W.

        :param weights: (D+1, 1) array, or None for small random numbers
        """
        if weights is not None:
            assert weights.shape == (self.num_features + 1, 1), (
                "the weights must have shape (num_features + 1, 1)"
            )
            self.W = weights
        else:
            self.W = 0.001 * np.random.randn(self.num_features + 1, 1)

    def forward(self, X):
        """Give the predictions for X, an (N, D) array, as an (N, 1) array."""
        assert self.W is not None, "the weights W are not initialized"
        samples, _ = X.shape
        X = np.concatenate((X, np.ones((samples, 1))), axis=1)
        self.cache = X
        return X.dot(self.W)

    def backward(self, y):
        """Give the gradient of each prediction with respect to W, an (N, D+1) array."""
        assert self.cache is not None, "run a forward pass before the backward pass"
        return self.cache

    def save_model(self):
        """Write this model to models/<its name>.p."""
        os.makedirs("models", exist_ok=True)
        with open(os.path.join("models", self.model_name + ".p"), "wb") as file:
            pickle.dump({self.model_name: self}, file)
