"""Sparse plus: a softplus that is 0 up to -1 and x from 1 on."""

import numpy as np

from refimpl.activations.activation import Activation


class SparsePlus(Activation):
    """y = (x + 1)^2 / 4 between; dy/dx = (x + 1) / 2 there.  It bends, without kinks."""

    name = "sparse_plus"

    def forward(self, x):
        between = 0.25 * np.power(x + 1, 2)  # (1)
        above = np.where(x < 1, between, x)  # (2)
        return np.where(x > -1, above, 0)  # (3)

    def backward(self, yb, x, y):
        between = yb * 0.25 * (2 * (x + 1))  # (4)
        above = np.where(x < 1, between, yb)  # (5)
        return np.where(x > -1, above, 0)  # (6)
