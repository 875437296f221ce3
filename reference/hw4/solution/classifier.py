import os
import pickle

import numpy as np

from exercise_code.networks.base_networks import Network


class Classifier(Network):
    """A classifier of the form y = sigmoid([X 1] W)."""

    def __init__(self, num_features=2):
        super().__init__("classifier")
        self.num_features = num_features
        self.W = None

    def initialize_weights(self, weights=None):
        """
        Set the weights W.

        :param weights: (D+1, 1) array, the bias last, or None for small random numbers
        """
        if weights is not None:
            assert weights.shape == (self.num_features + 1, 1), \
                "the weights must have shape (num_features + 1, 1)"
            self.W = weights
        else:
            self.W = 0.001 * np.random.randn(self.num_features + 1, 1)

    def forward(self, X):
        """
        Compute the output for each sample.

        :param X: (N, D) array, one sample in each row
        :return: (N, 1) array, the outputs, between 0 and 1
        """
        assert self.W is not None, "the weights W are not initialized"
        # A column of ones brings in the bias.
        samples, _ = X.shape
        X = np.concatenate((X, np.ones((samples, 1))), axis=1)
        self.cache = X
        return self.sigmoid(X.dot(self.W))

    def backward(self, y):
        """
        Compute the gradient of each output with respect to the weights.

        :param y: (N, 1) array, the outputs that forward gave
        :return: (N, D+1) array, dy / dW of each sample in its row
        """
        assert self.cache is not None, "run a forward pass before the backward pass"
        return self.cache * (y * (1 - y))

    def sigmoid(self, x):
        """
        Compute the sigmoid of each element.

        :param x: a number or an array of any shape
        :return: the same shape, each element between 0 and 1
        """
        return 1 / (1 + np.exp(-x))

    def save_model(self):
        """Write this model to models/<its name>.p."""
        os.makedirs("models", exist_ok=True)
        with open(os.path.join("models", self.model_name + ".p"), "wb") as file:
            pickle.dump({self.model_name: self}, file)
