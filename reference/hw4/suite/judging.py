"""How close an answer must be, and how weights are read."""

import numpy as np

from grader.suite.comparison import as_numbers
from grader.suite.outcomes import WrongAnswer

SIGMOID_ATOL = 1e-6
RTOL = 1e-4  # a clip or epsilon of 1e-7 in a logarithm is good practice, and float32 legitimate


def room(W):
    """Return two float32 roundings of the largest weight: so much of an update may be lost."""
    return 2 * float(np.finfo(np.float32).eps) * float(np.abs(W).max())


def weights(model, shape, when, hint):
    """Return model.W, or end the case with what is there instead, `when`, and a hint."""
    try:
        return as_numbers(model.W.array(shape=shape))
    except WrongAnswer as wrong:
        raise WrongAnswer(f"{when} model.{wrong.message} {hint}") from None
