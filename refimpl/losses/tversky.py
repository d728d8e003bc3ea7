"""Tversky loss of all units together (Salehi and others 2017, equation 2)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.losses.loss import EPSILON


@dataclass(frozen=True)
class Tversky:
    """E = 1 - i / (i + alpha p + beta n + 1e-7), summed over the batch and the units.

    i = sum T O, p = sum (1 - O) T, n = sum O (1 - T): Keras weighs with alpha what the
    paper weighs with beta.  alpha = beta = 1/2 is the Dice loss.
    """

    alpha: float = 0.5
    beta: float = 0.5

    name: ClassVar = "tversky"

    def forward(self, O, T):
        i, divisor = self.parts(O, T)
        return (1 - i / divisor)[..., 0, 0]  # (1)

    def backward(self, O, T):
        i, divisor = self.parts(O, T)
        divisorb = i / divisor / divisor  # (2)
        ib = divisorb - 1 / divisor  # (3)
        pb, nb = divisorb * self.alpha, divisorb * self.beta  # (4)
        return ib * T - pb * T + nb * (1 - T)  # (5)

    def parts(self, O, T):
        """Return i and the divisor, (..., 1, 1)."""
        every = {"axis": (-2, -1), "keepdims": True}
        i = np.sum(T * O, **every)  # (6)
        p = np.sum((1 - O) * T, **every)  # (7)
        n = np.sum(O * (1 - T), **every)  # (8)
        return i, i + p * self.alpha + n * self.beta + EPSILON  # (9)
