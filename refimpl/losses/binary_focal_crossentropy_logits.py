"""Binary focal cross-entropy of a sigmoid, from its logits (Lin and others 2017, (4))."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from refimpl.activations import Sigmoid
from refimpl.losses.loss import Loss


@dataclass(frozen=True)
class BinaryFocalCrossentropyFromLogits(Loss):
    """S = 1/n sum_units w (1 - q)^gamma b, with p = sigmoid(O) and q, w, t as in
    ``binary_focal_crossentropy``, but b as in ``binary_crossentropy_logits``, unclipped.

    Keras takes the sigmoid itself, and its cross-entropy finds the logits again.
    """

    apply_class_balancing: bool = False
    alpha: float = 0.25
    gamma: float = 2.0
    label_smoothing: float = 0.0
    sigmoid: Any = Sigmoid()

    name: ClassVar = "binary_focal_crossentropy_logits"

    def samples(self, O, T):
        n, t = O.shape[-1], self.smoothed(T)  # (1)
        p = self.sigmoid.forward(O)  # (2)
        q = t * p + (1 - t) * (1 - p)  # (3)
        focal = np.power(1 - q, self.gamma) * self.entropy(O, t)  # (4)
        return np.sum(self.weight(t) * focal, axis=-1) / n  # (5)

    def samples_backward(self, Sb, O, T):
        n, t = O.shape[-1], self.smoothed(T)  # (6)
        p = self.sigmoid.forward(O)  # (7)
        q = t * p + (1 - t) * (1 - p)  # (8)
        focalb = Sb[..., None] / n * self.weight(t)  # (9)
        each = focalb * np.power(1 - q, self.gamma)  # (10)
        power = np.exp(-np.abs(O))  # (11)
        slope = each * (1 / (1 + power)) * power  # (12)
        left = np.where(O < 0, slope, each - slope) - each * t  # (13)
        qb = -(focalb * self.entropy(O, t) * self.gamma)
        qb = qb * np.power(1 - q, self.gamma - 1)  # (14)
        return left + self.sigmoid.backward(qb * t - qb * (1 - t), O, p)  # (15)

    def entropy(self, O, t):
        tail = np.log1p(np.exp(-np.abs(O)))
        return np.maximum(O, 0) - O * t + tail  # (16)

    def smoothed(self, T):
        s = self.label_smoothing
        return T * (1 - s) + 0.5 * s  # (17)

    def weight(self, t):
        if not self.apply_class_balancing:
            return 1
        return t * self.alpha + (1 - t) * (1 - self.alpha)  # (18)
