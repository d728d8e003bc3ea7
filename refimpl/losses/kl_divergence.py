"""Kullback-Leibler divergence (seed 000, 2-4)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.losses.loss import EPSILON, Loss


@dataclass(frozen=True)
class KLDivergence(Loss):
    """S = KL(T || O) = sum_units T log(T / O), both clipped to 1e-7 ... 1.

    Where O is clipped the derivative is 0; at the ends of the clip it is that inside.
    """

    name: ClassVar = "kl_divergence"

    def samples(self, O, T):
        t, o = self.clipped(T), self.clipped(O)  # (1)
        return np.sum(t * np.log(t / o), axis=-1)  # (2)

    def samples_backward(self, Sb, O, T):
        t, o = self.clipped(T), self.clipped(O)  # (3)
        quotientb = Sb[..., None] * t * (1 / (t / o))  # (4)
        ob = quotientb * (-t / o / o)  # (5)
        below = np.where(O < EPSILON, 0, ob)  # (6)
        return np.where(O > 1, 0, below)  # (7)

    def clipped(self, P):
        return np.minimum(np.maximum(P, EPSILON), 1)  # (8)
