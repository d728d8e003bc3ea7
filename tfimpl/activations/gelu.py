"""Gaussian error linear unit (Hendrycks and Gimpel 2016, section 2)."""

from tfimpl.activations.activation import Activation
from tfimpl.functions import erfc
from tfimpl.gradients import pull_back


class GELU(Activation):
    """Keras: ``activation="gelu"``; its float64 divides by a float32 root of 2."""

    name = "gelu"

    root_half = 0.7071067811865476
    two_over_root_pi = 1.1283791670955126

    def forward(self, x):
        half = 0.5 * x  # (1)
        return half * erfc(-x * self.root_half)  # (2)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (3)-(7)
