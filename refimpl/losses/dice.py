"""Dice loss of all units together (Milletari, Navab, Ahmadi 2016, section 3)."""

import numpy as np

from refimpl.losses.loss import EPSILON


class Dice:
    """E = 1 - 2 sum T O / (sum T + sum O + 1e-7), summed over the batch and the units."""

    name = "dice"

    def forward(self, O, T):
        overlap, divisor = self.parts(O, T)
        return (1 - overlap / divisor)[..., 0, 0]  # (1)

    def backward(self, O, T):
        overlap, divisor = self.parts(O, T)
        overlapb = -1 / divisor  # (2)
        divisorb = overlap / divisor / divisor  # (3)
        return overlapb * 2 * T + divisorb  # (4)

    def parts(self, O, T):
        """Return twice the overlap and the divisor, (..., 1, 1)."""
        every = {"axis": (-2, -1), "keepdims": True}
        overlap = 2 * np.sum(T * O, **every)  # (5)
        return overlap, np.sum(T, **every) + np.sum(O, **every) + EPSILON  # (6)
