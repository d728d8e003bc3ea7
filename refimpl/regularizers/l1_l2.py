"""L1 and L2 together, the elastic net's penalty (Zou and Hastie 2005, (3))."""

from dataclasses import dataclass

import numpy as np

from refimpl.checks import not_negative
from refimpl.regularizers.regularizer import Regularizer


@dataclass(frozen=True)
class L1L2(Regularizer):
    """E = l1 sum |w| + l2 sum w^2.

    Raises ValueError for a negative l1 or l2.
    """

    l1: float = 0.0
    l2: float = 0.0

    def __post_init__(self):
        not_negative("l1", self.l1)
        not_negative("l2", self.l2)

    def forward(self, w):
        magnitudes = self.l1 * np.sum(np.absolute(w), axis=(-2, -1))  # (1)
        return magnitudes + self.l2 * np.sum(np.square(w), axis=(-2, -1))  # (2)

    def backward(self, yb, w):
        return yb * self.l1 * np.sign(w), yb * self.l2 * (2 * w)  # (3)
