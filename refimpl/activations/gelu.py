"""Gaussian error linear unit (Hendrycks and Gimpel 2016, section 2)."""

import numpy as np

from refimpl.activations.activation import Activation
from refimpl.functions import erfc


class GELU(Activation):
    """y = x P(X <= x) for a normal X, that is x/2 erfc(-x / sqrt 2).

    dy/dx = erfc(-x / sqrt 2) / 2 + x exp(-x^2 / 2) / sqrt(2 pi).
    """

    name = "gelu"

    root_half = 0.7071067811865476
    two_over_root_pi = 1.1283791670955126

    def forward(self, x):
        half = 0.5 * x  # (1)
        return half * erfc(-x * self.root_half)  # (2)

    def backward(self, yb, x, y):
        z = -x * self.root_half  # (3)
        left = yb * erfc(z) * 0.5  # (4)
        slope = -self.two_over_root_pi * np.exp(-np.square(z))  # (5)
        right = -(yb * (0.5 * x) * slope * self.root_half)  # (6)
        return left + right  # (7)
