"""What shows a call path, a switch, a device."""

import numpy as np

from equivalence.pairs.numbers import normal
from equivalence.steps.pair import Pair


def _saturated():
    """Return a sample whose logits are 40, 0, -40, and the class that is least likely."""
    return np.array([[40.0, 0, -40, 0]]), np.array([[0.0, 0, 1]])


AXES_ROWS = (
    Pair(
        "saturated-softmax",
        "logits 40, 0, -40: the gradient changes with the call path",
        network=lambda m: m.OneLayer(m.SoftmaxOutput()),
        optimizer=lambda m: m.SGD(0.001),
        start=lambda: (np.eye(4, 3), np.zeros((1, 3))),
        data=_saturated,
        epochs=20,
        group="axes",
    ),
    Pair(
        "square-64",
        "a matmul of 64 x 64 x 64: where TF32 and the order of a sum show",
        network=lambda m: m.OneLayer(),
        optimizer=lambda m: m.SGD(0.01),
        start=lambda: (normal((64, 64), 0), np.zeros((1, 64))),
        data=lambda: (normal((64, 64), 1), normal((64, 64), 2)),
        epochs=20,
        group="axes",
    ),
)
