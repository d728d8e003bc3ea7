"""Rectified linear unit (seed 001, 416_5)."""

import numpy as np

from refimpl.activations.activation import Activation


class ReLU(Activation):
    """y = max(x, 0); dy/dx = 1 where y > 0 and 0 elsewhere.

    The kink is at x = 0.  There TensorFlow takes the derivative from the left,
    0, and so does this line (seed 001 writes it ``Hb*(H>0)*1``).
    """

    name = "relu"

    def forward(self, x):
        return np.maximum(x, 0)  # (1)

    def backward(self, yb, x, y):
        return np.where(y > 0, yb, 0)  # (2)
