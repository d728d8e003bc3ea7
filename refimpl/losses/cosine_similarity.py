"""Cosine similarity, the wrong way round: -1 where O points where T does."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.losses.loss import EPSILON, Loss


@dataclass(frozen=True)
class CosineSimilarity(Loss):
    """S = -sum_units o t, with o = O / |O| and t = T / |T|; lengths below 1e-7 count as
    1e-7.
    """

    name: ClassVar = "cosine_similarity"

    def samples(self, O, T):
        o, t = O * self.inverse(O), T * self.inverse(T)  # (1)
        return -np.sum(t * o, axis=-1)  # (2)

    def samples_backward(self, Sb, O, T):
        inverse, t = self.inverse(O), T * self.inverse(T)  # (3)
        ob = -Sb[..., None] * t  # (4)
        inverseb = np.sum(ob * O, axis=-1, keepdims=True)  # (5)
        short = inverse < 1 / EPSILON
        squareb = -0.5 * inverseb * inverse * inverse * inverse  # (6)
        return ob * inverse + np.where(short, squareb, 0) * (O * 2)  # (7)

    def inverse(self, X):
        """Return 1 / |X|, (..., batch, 1), and at most 1e7."""
        square = np.sum(np.square(X), axis=-1, keepdims=True)  # (8)
        return np.minimum(1 / np.sqrt(square), 1 / EPSILON)  # (9)
