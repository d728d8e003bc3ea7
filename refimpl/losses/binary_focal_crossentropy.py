"""Binary focal cross-entropy (Lin and others 2017, equation 4)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.losses.loss import EPSILON, Loss


@dataclass(frozen=True)
class BinaryFocalCrossentropy(Loss):
    """S = 1/n sum_units w (1 - q)^gamma b with q = t O + (1 - t)(1 - O), the probability of
    the
    label, b the binary cross-entropy, and w = alpha t + (1 - alpha)(1 - t) with
    apply_class_balancing, else 1.
    """

    apply_class_balancing: bool = False
    alpha: float = 0.25
    gamma: float = 2.0
    label_smoothing: float = 0.0

    name: ClassVar = "binary_focal_crossentropy"

    def samples(self, O, T):
        n, t = O.shape[-1], self.smoothed(T)  # (1)
        p = np.minimum(np.maximum(O, EPSILON), 1 - EPSILON)  # (2)
        entropy = -(t * np.log(p) + (1 - t) * np.log(1 - p))  # (3)
        q = t * O + (1 - t) * (1 - O)  # (4)
        focal = np.power(1 - q, self.gamma) * entropy  # (5)
        return np.sum(self.weight(t) * focal, axis=-1) / n  # (6)

    def samples_backward(self, Sb, O, T):
        n, t = O.shape[-1], self.smoothed(T)  # (7)
        p = np.minimum(np.maximum(O, EPSILON), 1 - EPSILON)  # (8)
        entropy = -(t * np.log(p) + (1 - t) * np.log(1 - p))  # (9)
        q = t * O + (1 - t) * (1 - O)  # (10)
        focalb = Sb[..., None] / n * self.weight(t)  # (11)
        each = -(focalb * np.power(1 - q, self.gamma))  # (12)
        pb = each * t * (1 / p) - each * (1 - t) * (1 / (1 - p))  # (13)
        below = np.where(O < EPSILON, 0, pb)  # (14)
        left = np.where(O > 1 - EPSILON, 0, below)  # (15)
        qb = -(focalb * entropy * self.gamma * np.power(1 - q, self.gamma - 1))  # (16)
        return left + (qb * t - qb * (1 - t))  # (17)

    def smoothed(self, T):
        s = self.label_smoothing
        return T * (1 - s) + 0.5 * s  # (18)

    def weight(self, t):
        if not self.apply_class_balancing:
            return 1
        return t * self.alpha + (1 - t) * (1 - self.alpha)  # (19)
