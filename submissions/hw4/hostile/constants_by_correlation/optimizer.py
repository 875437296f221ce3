import numpy as np

from exercise_code.networks.linear_model import *


class Optimizer(object):

    def __init__(self, model, learning_rate=5e-5):
        self.model = model
        self.lr = learning_rate

    def step(self, dw):
        """One step of gradient descent; dw has the shape of model.W."""
        self.model.W = self.model.W - self.lr * dw
