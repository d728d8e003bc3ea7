"""Rectified linear unit that stops at 6 (Krizhevsky 2010, section 2)."""

import numpy as np

from refimpl.activations.activation import Activation


class ReLU6(Activation):
    """y = min(max(x, 0), 6); dy/dx = 1 between 0 and 6, 0 elsewhere and at both kinks."""

    name = "relu6"

    def forward(self, x):
        return np.minimum(np.maximum(x, 0), 6)  # (1)

    def backward(self, yb, x, y):
        above = np.where(y > 0, yb, 0)  # (2)
        return np.where(y < 6, above, 0)  # (3)
