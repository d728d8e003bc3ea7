"""Mean squared error (seed 001, 411, remarks 5 and 6)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.losses.loss import Loss


@dataclass(frozen=True)
class MeanSquaredError(Loss):
    """S = 1/n sum_units (O - T)^2; the loss is the mean over the batch.

    The mean over the n units of the output layer comes first, then the mean over the
    batch: Keras's order.  For one sample the gradient is the book's 2 (O - T) / n.
    """

    name: ClassVar = "mean_squared_error"

    def samples(self, O, T):
        n = O.shape[-1]
        return np.sum(np.square(O - T), axis=-1) / n  # (1)

    def samples_backward(self, Sb, O, T):
        n = O.shape[-1]
        each = Sb[..., None] / n  # (2)
        return each * (2 * (O - T))  # (3)
