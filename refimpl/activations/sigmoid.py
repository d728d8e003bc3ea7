"""Logistic sigmoid (seed 001, 416_1)."""

import numpy as np

from refimpl.activations.activation import Activation


class Sigmoid(Activation):
    """y = 1 / (1 + exp(-x)); dy/dx = y (1 - y)."""

    name = "sigmoid"

    def forward(self, x):
        return 1 / (1 + np.exp(-x))  # (1)

    def backward(self, yb, x, y):
        return yb * y * (1 - y)  # (2)
