"""Hard tanh: the identity, clipped to -1 ... 1."""

import numpy as np

from refimpl.activations.activation import Activation


class HardTanh(Activation):
    """dy/dx = 1 between -1 and 1, at both kinks too, and 0 elsewhere."""

    name = "hard_tanh"

    def forward(self, x):
        return np.maximum(np.minimum(x, 1), -1)  # (1)

    def backward(self, yb, x, y):
        below = np.where(x > 1, 0, yb)  # (2)
        return np.where(x < -1, 0, below)  # (3)
