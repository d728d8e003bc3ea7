"""Exponential."""

import numpy as np

from refimpl.activations.activation import Activation


class Exponential(Activation):
    """y = exp(x) = dy/dx."""

    name = "exponential"

    def forward(self, x):
        return np.exp(x)  # (1)

    def backward(self, yb, x, y):
        return yb * y  # (2)
