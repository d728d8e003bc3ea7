"""Mean absolute percentage error."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.losses.loss import EPSILON, Loss


@dataclass(frozen=True)
class MeanAbsolutePercentageError(Loss):
    """S = 100/n sum_units |(T - O) / max(|T|, 1e-7)|; its derivative where O = T is 0."""

    name: ClassVar = "mean_absolute_percentage_error"

    def samples(self, O, T):
        n = O.shape[-1]
        share = (T - O) / np.maximum(np.abs(T), EPSILON)  # (1)
        return 100 * (np.sum(np.abs(share), axis=-1) / n)  # (2)

    def samples_backward(self, Sb, O, T):
        n = O.shape[-1]
        shareb = Sb[..., None] * 100 / n * np.sign(T - O)  # (3)
        return -(shareb / np.maximum(np.abs(T), EPSILON))  # (4)
