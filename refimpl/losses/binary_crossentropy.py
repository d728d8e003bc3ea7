"""Binary cross-entropy of probabilities (seed 000, 2-7)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.losses.loss import EPSILON, Loss


@dataclass(frozen=True)
class BinaryCrossentropy(Loss):
    """S = -1/n sum_units (t log p + (1 - t) log(1 - p)), p being O clipped to 1e-7 ... 1 -
    1e-7.

    t = T (1 - label_smoothing) + label_smoothing / 2.  Where O is clipped the derivative
    is 0: a unit that is wrong with certainty learns nothing.
    """

    label_smoothing: float = 0.0

    name: ClassVar = "binary_crossentropy"

    def samples(self, O, T):
        n, t = O.shape[-1], self.smoothed(T)  # (1)
        p = np.minimum(np.maximum(O, EPSILON), 1 - EPSILON)  # (2)
        likelihood = t * np.log(p) + (1 - t) * np.log(1 - p)  # (3)
        return np.sum(-likelihood, axis=-1) / n  # (4)

    def samples_backward(self, Sb, O, T):
        n, t = O.shape[-1], self.smoothed(T)  # (5)
        p = np.minimum(np.maximum(O, EPSILON), 1 - EPSILON)  # (6)
        each = -(Sb[..., None] / n)  # (7)
        pb = each * t * (1 / p) - each * (1 - t) * (1 / (1 - p))  # (8)
        below = np.where(O < EPSILON, 0, pb)  # (9)
        return np.where(O > 1 - EPSILON, 0, below)  # (10)

    def smoothed(self, T):
        s = self.label_smoothing
        return T * (1 - s) + 0.5 * s  # (11)
