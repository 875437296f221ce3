"""How close an answer must be."""

import numpy as np

SIGMOID_ATOL = 1e-6
RTOL = 1e-4  # a clip or epsilon of 1e-7 in a logarithm is good practice, and float32 legitimate


def room(W):
    """Return two float32 roundings of the largest weight: so much of an update may be lost."""
    return 2 * float(np.finfo(np.float32).eps) * float(np.abs(W).max())
