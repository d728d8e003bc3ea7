"""Categorical cross-entropy of a softmax, from its logits z = O."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.losses.loss import Loss


@dataclass(frozen=True)
class CategoricalCrossentropyFromLogits(Loss):
    """S = sum_k t_k (log sum_j exp(z_j) - z_k), t = T (1 - label_smoothing) +
    label_smoothing / n.

    The gradient is softmax(z) - t: TensorFlow's, which takes it that the targets of a
    sample sum to 1.
    """

    label_smoothing: float = 0.0

    name: ClassVar = "categorical_crossentropy_logits"

    def samples(self, O, T):
        t = self.smoothed(T)  # (1)
        shifted = O - np.max(O, axis=-1, keepdims=True)  # (2)
        total = np.sum(np.exp(shifted), axis=-1, keepdims=True)  # (3)
        return np.sum(t * (np.log(total) - shifted), axis=-1)  # (4)

    def samples_backward(self, Sb, O, T):
        shifted = O - np.max(O, axis=-1, keepdims=True)  # (5)
        powers = np.exp(shifted)  # (6)
        p = powers / np.sum(powers, axis=-1, keepdims=True)  # (7)
        return Sb[..., None] * (p - self.smoothed(T))  # (8)

    def smoothed(self, T):
        s = self.label_smoothing
        return T * (1 - s) + s / T.shape[-1]  # (9)
