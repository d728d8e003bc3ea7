"""Binary step (seed 003: if Z > b then 1 else 0)."""

import numpy as np

from refimpl.activations.activation import Activation


class BinaryStep(Activation):
    """y = 1 for x > 0, and 0 elsewhere; dy/dx = 0 everywhere: nothing learns through it."""

    name = "binary_step"

    def forward(self, x):
        return np.maximum(np.sign(x), 0)  # (1)

    def backward(self, yb, x, y):
        return np.zeros_like(yb)  # (2)
