"""Sparse sigmoid (Blondel, Martins, Niculae 2019, section 6)."""

import numpy as np

from refimpl.activations.activation import Activation


class SparseSigmoid(Activation):
    """y = (x + 1) / 2, clipped to 0 ... 1; dy/dx = 1/2 between -1 and 1, and 0
    elsewhere, at both kinks too.
    """

    name = "sparse_sigmoid"

    def forward(self, x):
        between = 0.5 * (x + 1)  # (1)
        below = np.where(x < 1, between, 1)  # (2)
        return np.where(x > -1, below, 0)  # (3)

    def backward(self, yb, x, y):
        below = np.where(x < 1, 0.5 * yb, 0)  # (4)
        return np.where(x > -1, below, 0)  # (5)
