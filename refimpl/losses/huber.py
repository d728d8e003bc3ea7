"""Huber's loss (Huber 1964)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.losses.loss import Loss


@dataclass(frozen=True)
class Huber(Loss):
    """With e = O - T: 1/2 e^2 for |e| <= delta, delta |e| - 1/2 delta^2 beyond; S is the
    mean.
    """

    delta: float = 1.0

    name: ClassVar = "huber"

    def samples(self, O, T):
        n = O.shape[-1]
        error = O - T  # (1)
        inner = 0.5 * np.square(error)  # (2)
        outer = self.delta * np.abs(error) - 0.5 * self.delta**2  # (3)
        far = np.abs(error) > self.delta
        return np.sum(np.where(far, outer, inner), axis=-1) / n  # (4)

    def samples_backward(self, Sb, O, T):
        n = O.shape[-1]
        error, each = O - T, Sb[..., None] / n  # (5)
        inner = each * 0.5 * (2 * error)  # (6)
        outer = each * self.delta * np.sign(error)  # (7)
        return np.where(np.abs(error) > self.delta, outer, inner)  # (8)
