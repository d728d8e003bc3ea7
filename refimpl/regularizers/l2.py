"""L2, ridge regression's penalty (Hoerl and Kennard 1970)."""

from dataclasses import dataclass

import numpy as np

from refimpl.checks import not_negative
from refimpl.regularizers.regularizer import Regularizer


@dataclass(frozen=True)
class L2(Regularizer):
    """E = l2 sum w^2, without a half in front of it.

    Raises ValueError for a negative l2.
    """

    l2: float = 0.01

    def __post_init__(self):
        not_negative("l2", self.l2)

    def forward(self, w):
        return self.l2 * np.sum(np.square(w), axis=(-2, -1))  # (1)

    def backward(self, yb, w):
        return (yb * self.l2 * (2 * w),)  # (2)
