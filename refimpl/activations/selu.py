"""Scaled exponential linear unit (Klambauer and others 2017, equation 2)."""

import numpy as np

from refimpl.activations.activation import Activation


class SELU(Activation):
    """y = scale x for x > 0, scale alpha (exp(x) - 1) below.

    dy/dx = scale above, y + scale alpha below.

    There is a kink at 0: scale from the right, scale alpha from the left.  TensorFlow's
    CPU kernel takes the right one, as does this line; XLA takes the left one.
    """

    name = "selu"

    scale = 1.0507009873554805
    scale_alpha = 1.7580993408473769

    def forward(self, x):
        below = self.scale_alpha * np.expm1(np.minimum(x, 0))  # (1)
        return np.where(x > 0, self.scale * x, below)  # (2)

    def backward(self, yb, x, y):
        below = yb * (y + self.scale_alpha)  # (3)
        return np.where(x < 0, below, yb * self.scale)  # (4)
