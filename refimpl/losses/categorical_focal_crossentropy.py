"""Categorical focal cross-entropy (Lin and others 2017, equation 5)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.losses.loss import EPSILON, Loss


@dataclass(frozen=True)
class CategoricalFocalCrossentropy(Loss):
    """S = -sum_units alpha (1 - p)^gamma t log p, with p and t as in
    ``categorical_crossentropy_probabilities``.

    alpha: one number, or a tuple of one for each class.
    """

    alpha: float | tuple = 0.25
    gamma: float = 2.0
    label_smoothing: float = 0.0

    name: ClassVar = "categorical_focal_crossentropy"

    def samples(self, O, T):
        share = O / np.sum(O, axis=-1, keepdims=True)  # (1)
        p = np.minimum(np.maximum(share, EPSILON), 1 - EPSILON)  # (2)
        entropy = -self.smoothed(T) * np.log(p)  # (3)
        weight = np.power(1 - p, self.gamma) * self.balance(O)  # (4)
        return np.sum(weight * entropy, axis=-1)  # (5)

    def samples_backward(self, Sb, O, T):
        total = np.sum(O, axis=-1, keepdims=True)  # (6)
        share = O / total  # (7)
        p = np.minimum(np.maximum(share, EPSILON), 1 - EPSILON)  # (8)
        entropy = -self.smoothed(T) * np.log(p)  # (9)
        weight = np.power(1 - p, self.gamma) * self.balance(O)  # (10)
        left = Sb[..., None] * weight * -self.smoothed(T) * (1 / p)  # (11)
        weightb = Sb[..., None] * entropy * self.balance(O)  # (12)
        pb = left - weightb * self.gamma * np.power(1 - p, self.gamma - 1)  # (13)
        below = np.where(share < EPSILON, 0, pb)  # (14)
        shareb = np.where(share > 1 - EPSILON, 0, below)  # (15)
        totalb = np.sum(shareb * (-O / total / total), axis=-1, keepdims=True)  # (16)
        return shareb / total + totalb  # (17)

    def smoothed(self, T):
        s = self.label_smoothing
        return T * (1 - s) + s / T.shape[-1]  # (18)

    def balance(self, O):
        """Return alpha; of a tuple, the numbers of the classes."""
        if not isinstance(self.alpha, tuple):
            return self.alpha
        zeros = np.zeros_like(O[..., 0])
        return np.stack([zeros + alpha for alpha in self.alpha], axis=-1)  # (19)
