"""Generalized cross-entropy (Zhang and Sabuncu 2018, equation 6)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.losses.loss import Loss


@dataclass(frozen=True)
class CategoricalGeneralizedCrossEntropy(Loss):
    """S = (1 - p^q) / q for the probability p that O gives to the class T."""

    q: float = 0.5

    name: ClassVar = "categorical_generalized_cross_entropy"

    def samples(self, O, T):
        p = np.sum(O * self.one_hot(O, T), axis=-1)  # (1)
        return (1 - np.power(p, self.q)) / self.q  # (2)

    def samples_backward(self, Sb, O, T):
        hot = self.one_hot(O, T)  # (3)
        p = np.sum(O * hot, axis=-1, keepdims=True)  # (4)
        pb = -(Sb[..., None] / self.q) * self.q * np.power(p, self.q - 1)  # (5)
        return pb * hot  # (6)

    def one_hot(self, O, T):
        """Return 1 at the class of each sample: T, (..., batch, 1), holds its number."""
        classes = np.arange(O.shape[-1], dtype=np.int16)
        return 1 - np.minimum(np.abs(T - classes), 1)  # (7)
