"""Gaussian (seed 003, the activation functions)."""

import numpy as np

from refimpl.activations.activation import Activation


class Gaussian(Activation):
    """y = exp(-x^2); dy/dx = -2 x y."""

    name = "gaussian"

    def forward(self, x):
        return np.exp(-np.square(x))  # (1)

    def backward(self, yb, x, y):
        return -(yb * y) * (x * 2)  # (2)
