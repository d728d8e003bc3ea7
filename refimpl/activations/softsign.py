"""Softsign."""

import numpy as np

from refimpl.activations.activation import Activation


class Softsign(Activation):
    """y = x / (1 + |x|); dy/dx = 1 / (1 + |x|)^2, at 0 too."""

    name = "softsign"

    def forward(self, x):
        return x / (1 + np.abs(x))  # (1)

    def backward(self, yb, x, y):
        return yb / np.square(1 + np.abs(x))  # (2)
