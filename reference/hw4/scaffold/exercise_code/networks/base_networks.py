"""What every network of this exercise has in common."""

from abc import ABC, abstractmethod


class Network(ABC):
    """A network with a forward and a backward pass.

    Calling one gives its output and, while it is in training mode, the gradient of the output
    with respect to its weights.
    """

    def __init__(self, modelname="model_name"):
        """Start in training mode, with nothing cached.

        :param modelname: the name under which the network is saved
        """
        self.model_name = modelname
        self.return_grad = True
        self.cache = None

    def __call__(self, X):
        """Run a forward pass and, in training mode, a backward pass.

        :param X: (N, D) array, one sample in each row
        :return: the output and its gradient; in evaluation mode the gradient is None
        """
        y = self.forward(X)
        if self.return_grad:
            return y, self.backward(y)
        return y, None

    @abstractmethod
    def forward(self, X):
        """Give the output for the samples X and cache what backward needs."""

    @abstractmethod
    def backward(self, y):
        """Give the gradient of the output y with respect to the weights."""

    @abstractmethod
    def save_model(self):
        """Save the network under its name."""

    def train(self):
        """Switch to training mode: calls give gradients too."""
        self.return_grad = True

    def eval(self):
        """Switch to evaluation mode: calls give the output only."""
        self.return_grad = False
