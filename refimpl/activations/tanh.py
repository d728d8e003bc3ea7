"""Hyperbolic tangent (seed 001, 416_3)."""

import numpy as np

from refimpl.activations.activation import Activation


class Tanh(Activation):
    """y = tanh(x); dy/dx = 1 - y^2.

    The book writes the derivative as (1 + y)(1 - y): equal, but rounded in
    another order than TensorFlow's kernel, which squares first.
    """

    name = "tanh"

    def forward(self, x):
        return np.tanh(x)  # (1)

    def backward(self, yb, x, y):
        return yb * (1 - np.square(y))  # (2)
