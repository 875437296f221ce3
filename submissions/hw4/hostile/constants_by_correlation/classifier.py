import os
import pickle
import numpy as np

from exercise_code.networks.base_networks import Network


class Classifier(Network):
    """Logistic regression: one weight for each feature, and the bias as the last one."""

    def __init__(self, num_features=2):
        super(Classifier, self).__init__("classifier")
        self.num_features = num_features
        self.W = None

    def initialize_weights(self, weights=None):
        if weights is not None:
            assert weights.shape == (self.num_features + 1, 1), \
                "weights must have the shape (num_features + 1, 1)"
            self.W = weights
        else:
            self.W = 0.001 * np.random.randn(self.num_features + 1, 1)

    def forward(self, X):
        """X: (N, D); gives the probabilities, (N, 1)."""
        assert self.W is not None, "the weights W are not initialized"
        batch_size, _ = X.shape
        X = np.concatenate((X, np.ones((batch_size, 1))), axis=1)
        self.cache = X
        return self.sigmoid(X.dot(self.W))

    def backward(self, y):
        """y: what forward gave, (N, 1); gives dy/dW row by row, (N, D + 1)."""
        assert self.cache is not None, "call forward before backward"
        return self.cache * (y * (1 - y))

    def sigmoid(self, x):
        return 1 / (1 + np.exp(-x))

    def save_model(self):
        os.makedirs("models", exist_ok=True)
        with open(os.path.join("models", self.model_name + ".p"), "wb") as file:
            pickle.dump(self, file)
