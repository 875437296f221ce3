import os
import pickle

import numpy as np

from exercise_code.networks.linear_model import *


class Optimizer(object):
    """Gradient descent over the whole batch."""

    def __init__(self, model, learning_rate=5e-5):
        self.model = model
        self.lr = learning_rate

    def step(self, dw):
        """
        Make one step of gradient descent: update model.W and return it.

        :param dw: (D+1, 1) array, the gradient of the loss with respect to W
        :return: (D+1, 1) array, the updated weights
        """
        weight = self.model.W
        self.model.W = weight - self.lr * dw
        return self.model.W
