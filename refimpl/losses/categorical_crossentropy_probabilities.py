"""Categorical cross-entropy of probabilities without logits (seed 000, 2-7)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.losses.loss import EPSILON, Loss


@dataclass(frozen=True)
class CategoricalCrossentropyFromProbabilities(Loss):
    """S = -sum_units t log p, with p = O / sum O clipped to 1e-7 ... 1 - 1e-7, and t
    smoothed.

    Where p is clipped the derivative is 0.
    """

    label_smoothing: float = 0.0

    name: ClassVar = "categorical_crossentropy_probabilities"

    def samples(self, O, T):
        share = O / np.sum(O, axis=-1, keepdims=True)  # (1)
        p = np.minimum(np.maximum(share, EPSILON), 1 - EPSILON)  # (2)
        return -np.sum(self.smoothed(T) * np.log(p), axis=-1)  # (3)

    def samples_backward(self, Sb, O, T):
        total = np.sum(O, axis=-1, keepdims=True)  # (4)
        share = O / total  # (5)
        p = np.minimum(np.maximum(share, EPSILON), 1 - EPSILON)  # (6)
        pb = -Sb[..., None] * self.smoothed(T) * (1 / p)  # (7)
        below = np.where(share < EPSILON, 0, pb)  # (8)
        shareb = np.where(share > 1 - EPSILON, 0, below)  # (9)
        totalb = np.sum(shareb * (-O / total / total), axis=-1, keepdims=True)  # (10)
        return shareb / total + totalb  # (11)

    def smoothed(self, T):
        s = self.label_smoothing
        return T * (1 - s) + s / T.shape[-1]  # (12)
