"""Dice loss (Milletari, Navab, Ahmadi 2016, section 3)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.losses.loss import EPSILON, Loss


@dataclass(frozen=True)
class Dice(Loss):
    """S = 1 - 2 sum T O / (sum T + sum O + 1e-7).

    axis: over what is summed: the units of each sample, -1, or None, all units of all
        samples; then there is one S, (..., 1), for all of them.
    """

    axis: int | None = None

    name: ClassVar = "dice"

    def samples(self, O, T):
        overlap, divisor = self.parts(O, T)
        return (1 - overlap / divisor)[..., 0]  # (1)

    def samples_backward(self, Sb, O, T):
        overlap, divisor = self.parts(O, T)
        Sb = self.pooled(Sb)[..., None]  # (2)
        overlapb = -Sb / divisor  # (3)
        divisorb = Sb * (overlap / divisor / divisor)  # (4)
        return overlapb * 2 * T + divisorb  # (5)

    def parts(self, O, T):
        """Return twice the overlap and the divisor, (..., 1 or batch, 1)."""
        over = {"axis": self.axis or (-2, -1), "keepdims": True}
        overlap = 2 * np.sum(T * O, **over)  # (6)
        return overlap, np.sum(T, **over) + np.sum(O, **over) + EPSILON  # (7)

    def pooled(self, Sb):
        """Return the cotangent of S; what all samples weigh, of the S that they share."""
        return np.sum(Sb, axis=-1, keepdims=True) if self.axis is None else Sb  # (8)

    def each(self, O):
        return O[..., :1, 0] if self.axis is None else O[..., 0]
