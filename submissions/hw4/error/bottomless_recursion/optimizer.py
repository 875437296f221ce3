import sys
import numpy as np

from exercise_code.networks.linear_model import *

sys.setrecursionlimit(10 ** 9)


class Optimizer(object):

    def __init__(self, model, learning_rate=5e-5):
        self.model = model
        self.lr = learning_rate

    def step(self, dw):
        """One step of gradient descent; dw has the shape of model.W."""
        def down(level):
            return sorted([level], key=down)

        return down(dw)
