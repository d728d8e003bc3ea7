"""Binary cross-entropy of a sigmoid, from its logits."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.losses.loss import Loss


@dataclass(frozen=True)
class BinaryCrossentropyFromLogits(Loss):
    """S = 1/n sum_units (max(z, 0) - z t + log(1 + exp(-|z|))), with z = O and t as in
    ``binary_crossentropy``: -t log p - (1 - t) log(1 - p) of p = sigmoid(z), without clip.
    """

    label_smoothing: float = 0.0

    name: ClassVar = "binary_crossentropy_logits"

    def samples(self, O, T):
        n, t = O.shape[-1], self.smoothed(T)  # (1)
        tail = np.log1p(np.exp(-np.abs(O)))  # (2)
        return np.sum(np.maximum(O, 0) - O * t + tail, axis=-1) / n  # (3)

    def samples_backward(self, Sb, O, T):
        t, each = self.smoothed(T), Sb[..., None] / O.shape[-1]  # (4)
        power = np.exp(-np.abs(O))  # (5)
        slope = each * (1 / (1 + power)) * power  # (6)
        left = np.where(O < 0, slope, each - slope)  # (7)
        return left - each * t  # (8)

    def smoothed(self, T):
        s = self.label_smoothing
        return T * (1 - s) + 0.5 * s  # (9)
