"""Tversky loss (Salehi and others 2017, equation 2)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.losses.loss import EPSILON, Loss


@dataclass(frozen=True)
class Tversky(Loss):
    """S = 1 - i / (i + alpha p + beta n + 1e-7).

    i = sum T O, p = sum (1 - O) T, n = sum O (1 - T): Keras weighs with alpha what the
    paper weighs with beta.  alpha = beta = 1/2 is the Dice loss.

    axis: over what is summed, as in ``dice``.
    """

    alpha: float = 0.5
    beta: float = 0.5
    axis: int | None = None

    name: ClassVar = "tversky"

    def samples(self, O, T):
        i, divisor = self.parts(O, T)
        return (1 - i / divisor)[..., 0]  # (1)

    def samples_backward(self, Sb, O, T):
        i, divisor = self.parts(O, T)
        Sb = self.pooled(Sb)[..., None]  # (2)
        divisorb = Sb * (i / divisor / divisor)  # (3)
        ib = divisorb - Sb / divisor  # (4)
        pb, nb = divisorb * self.alpha, divisorb * self.beta  # (5)
        return ib * T - pb * T + nb * (1 - T)  # (6)

    def parts(self, O, T):
        """Return i and the divisor, (..., 1 or batch, 1)."""
        over = {"axis": self.axis or (-2, -1), "keepdims": True}
        i = np.sum(T * O, **over)  # (7)
        p = np.sum((1 - O) * T, **over)  # (8)
        n = np.sum(O * (1 - T), **over)  # (9)
        return i, i + p * self.alpha + n * self.beta + EPSILON  # (10)

    def pooled(self, Sb):
        """Return the cotangent of S; what all samples weigh, of the S that they share."""
        return np.sum(Sb, axis=-1, keepdims=True) if self.axis is None else Sb  # (11)

    def each(self, O):
        return O[..., :1, 0] if self.axis is None else O[..., 0]
