"""Categorical cross-entropy of probabilities, with the number of the class as target."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.losses.loss import EPSILON, Loss


@dataclass(frozen=True)
class SparseCategoricalCrossentropy(Loss):
    """S = log sum_j p_j - log p_k for the class k, p being O clipped to 1e-7 ... 1 - 1e-7.

    Keras hands log p to the loss of logits, which divides by the sum of the p.
    Samples of ``ignore_class``, which need be no class of the outputs, do not count.
    """

    ignore_class: int | None = None

    name: ClassVar = "sparse_categorical_crossentropy"

    def samples(self, O, T):
        O = self.without_ignored(O, T)
        logits = np.log(np.minimum(np.maximum(O, EPSILON), 1 - EPSILON))  # (1)
        shifted = logits - np.max(logits, axis=-1, keepdims=True)
        total = np.sum(np.exp(shifted), axis=-1)  # (2)
        return np.log(total) - np.sum(self.one_hot(O, T) * shifted, axis=-1)  # (3)

    def samples_backward(self, Sb, O, T):
        O = self.without_ignored(O, T)
        p = np.minimum(np.maximum(O, EPSILON), 1 - EPSILON)  # (4)
        logits = np.log(p)
        powers = np.exp(logits - np.max(logits, axis=-1, keepdims=True))  # (5)
        share = powers / np.sum(powers, axis=-1, keepdims=True)  # (6)
        pb = Sb[..., None] * (share - self.one_hot(O, T)) * (1 / p)  # (7)
        below = np.where(O < EPSILON, 0, pb)
        return np.where(O > 1 - EPSILON, 0, below)  # (8)

    def one_hot(self, O, T):
        """Return 1 at the class of each sample: T, (..., batch, 1), holds its number."""
        classes = np.arange(O.shape[-1], dtype=np.int16)
        return 1 - np.minimum(np.abs(T - classes), 1)  # (9)

    def counted(self, O, T):
        """Return 0 for samples of the class that is ignored, else 1; None without one."""
        if self.ignore_class is None:
            return None
        return np.minimum(np.abs(T[..., 0] - self.ignore_class), 1)  # (10)

    def without_ignored(self, O, T):
        """Return the outputs, 0 for a sample that does not count, whatever they were."""
        counted = self.counted(O, T)
        if counted is None:
            return O
        return np.where(counted[..., None] > 0, O, np.zeros_like(O))  # (11)
