
import numpy as np
from exercise_code.networks.linear_model import *
class Optimizer(object):
    def __init__(self, model, learning_rate=5e-5):
        self.model = model
        self.lr = learning_rate
        W = model.W
        model.W = W+np.inf
    def step(self, dw):
        pass
