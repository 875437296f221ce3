import numpy as np


class BCE:

    def forward(self, y_out, y_truth):
        return -np.log(np.where(y_truth == 1, y_out, 1 - y_out))

    def backward(self, y_out, y_truth):
        return np.where(y_truth == 1, -1 / y_out, 1 / (1 - y_out))

    def __call__(self, y_out, y_truth):
        return self.forward(y_out, y_truth), self.backward(y_out, y_truth)
