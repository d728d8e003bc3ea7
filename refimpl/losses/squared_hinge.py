"""Squared hinge loss."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.losses.loss import Loss


@dataclass(frozen=True)
class SquaredHinge(Loss):
    """S = 1/n sum_units max(1 - t O, 0)^2: a bend, no kink.

    t is T, or 2 T - 1 if all targets of a net are 0 or 1.
    """

    name: ClassVar = "squared_hinge"

    def samples(self, O, T):
        n = O.shape[-1]
        below = np.maximum(1 - self.signs(T) * O, 0)  # (1)
        return np.sum(np.square(below), axis=-1) / n  # (2)

    def samples_backward(self, Sb, O, T):
        n = O.shape[-1]
        t = self.signs(T)  # (3)
        below = 1 - t * O  # (4)
        belowb = Sb[..., None] / n * (2 * np.maximum(below, 0))  # (5)
        return np.where(below < 0, 0, -belowb * t)  # (6)

    def signs(self, T):
        """Return -1 and 1 for labels that are all 0 and 1, and T for others."""
        off = np.max(np.abs(T * (T - 1)), axis=-1, keepdims=True)  # (7)
        off = np.max(off, axis=-2, keepdims=True)  # (8)
        return np.where(off > 0, T, 2 * T - 1)  # (9)
