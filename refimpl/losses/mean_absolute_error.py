"""Mean absolute error."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.losses.loss import Loss


@dataclass(frozen=True)
class MeanAbsoluteError(Loss):
    """S = 1/n sum_units |T - O|; its derivative where O = T is 0."""

    name: ClassVar = "mean_absolute_error"

    def samples(self, O, T):
        n = O.shape[-1]
        return np.sum(np.abs(T - O), axis=-1) / n  # (1)

    def samples_backward(self, Sb, O, T):
        n = O.shape[-1]
        return -(Sb[..., None] / n * np.sign(T - O))  # (2)
