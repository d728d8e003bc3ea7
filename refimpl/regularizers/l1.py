"""L1, the lasso's penalty (Tibshirani 1996)."""

from dataclasses import dataclass

import numpy as np

from refimpl.checks import not_negative
from refimpl.regularizers.regularizer import Regularizer


@dataclass(frozen=True)
class L1(Regularizer):
    """E = l1 sum |w|; its slope at 0, where it has none, is taken for 0.

    Raises ValueError for a negative l1.
    """

    l1: float = 0.01

    def __post_init__(self):
        not_negative("l1", self.l1)

    def forward(self, w):
        return self.l1 * np.sum(np.absolute(w), axis=(-2, -1))  # (1)

    def backward(self, yb, w):
        return (yb * self.l1 * np.sign(w),)  # (2)
