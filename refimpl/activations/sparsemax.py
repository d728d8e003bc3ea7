"""Sparsemax over the last axis (Martins and Astudillo 2016, algorithm 1)."""

import numpy as np

from refimpl.activations.activation import Activation


class Sparsemax(Activation):
    """y = max(x - tau, 0), with tau such that the sum is 1.

    The support are the x_i with sum_j max(x_j - x_i, 0) < 1: the paper's condition
    1 + k z_(k) > sum_(j<=k) z_(j) on the sorted z, without sorting.  Where an x_i is just
    on the edge of the support there is a kink; there the derivative leaves it out.
    xb = yb minus its mean over the support, on the support (the paper's equation 14).
    """

    name = "sparsemax"

    def forward(self, x):
        support = self.support(x)  # (1)
        tau = (np.sum(support * x, axis=-1, keepdims=True) - 1) / np.sum(
            support, axis=-1, keepdims=True
        )  # (2)
        return np.maximum(x - tau, 0)  # (3)

    def backward(self, yb, x, y):
        support = self.support(x)  # (4)
        inside = support * yb  # (5)
        mean = np.sum(inside, axis=-1, keepdims=True) / np.sum(
            support, axis=-1, keepdims=True
        )  # (6)
        return support * (yb - mean)  # (7)

    def support(self, x):
        """Return 1 where x is in the support and 0 elsewhere."""
        above = np.maximum(x[..., None, :] - x[..., :, None], 0)  # (8)
        return np.where(np.sum(above, axis=-1) < 1, np.ones_like(x), 0)  # (9)
