"""Categorical cross-entropy from logits z = O, with the number of the class as target."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.losses.loss import Loss


@dataclass(frozen=True)
class SparseCategoricalCrossentropyFromLogits(Loss):
    """S = log sum_j exp(z_j) - z_k for the class k; its gradient is softmax(z) -
    one_hot(k).  Samples of ``ignore_class``, which need be no class of the outputs, do not
    count.
    """

    ignore_class: int | None = None

    name: ClassVar = "sparse_categorical_crossentropy_logits"

    def samples(self, O, T):
        O = self.without_ignored(O, T)
        shifted = O - np.max(O, axis=-1, keepdims=True)  # (1)
        total = np.sum(np.exp(shifted), axis=-1)  # (2)
        return np.log(total) - np.sum(self.one_hot(O, T) * shifted, axis=-1)  # (3)

    def samples_backward(self, Sb, O, T):
        O = self.without_ignored(O, T)
        shifted = O - np.max(O, axis=-1, keepdims=True)  # (4)
        powers = np.exp(shifted)  # (5)
        p = powers / np.sum(powers, axis=-1, keepdims=True)  # (6)
        return Sb[..., None] * (p - self.one_hot(O, T))  # (7)

    def one_hot(self, O, T):
        """Return 1 at the class of each sample: T, (..., batch, 1), holds its number."""
        classes = np.arange(O.shape[-1], dtype=np.int16)
        return 1 - np.minimum(np.abs(T - classes), 1)  # (8)

    def counted(self, O, T):
        """Return 0 for samples of the class that is ignored, else 1; None without one."""
        if self.ignore_class is None:
            return None
        return np.minimum(np.abs(T[..., 0] - self.ignore_class), 1)  # (9)

    def without_ignored(self, O, T):
        """Return the outputs, 0 for a sample that does not count, whatever they were."""
        counted = self.counted(O, T)
        if counted is None:
            return O
        return np.where(counted[..., None] > 0, O, np.zeros_like(O))  # (10)
