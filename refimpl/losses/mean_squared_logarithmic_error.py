"""Mean squared logarithmic error."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.losses.loss import EPSILON, Loss


@dataclass(frozen=True)
class MeanSquaredLogarithmicError(Loss):
    """S = 1/n sum_units (log(max(O, e) + 1) - log(max(T, e) + 1))^2 with e = 1e-7.

    The derivative is 0 for O < e, and that from the right at e.
    """

    name: ClassVar = "mean_squared_logarithmic_error"
    epsilon: ClassVar = EPSILON

    def samples(self, O, T):
        n = O.shape[-1]
        first = np.log(np.maximum(O, self.epsilon) + 1)  # (1)
        second = np.log(np.maximum(T, self.epsilon) + 1)  # (2)
        return np.sum(np.square(first - second), axis=-1) / n  # (3)

    def samples_backward(self, Sb, O, T):
        n = O.shape[-1]
        first = np.log(np.maximum(O, self.epsilon) + 1)  # (4)
        second = np.log(np.maximum(T, self.epsilon) + 1)  # (5)
        firstb = Sb[..., None] / n * (2 * (first - second))  # (6)
        Ob = firstb * (1 / (np.maximum(O, self.epsilon) + 1))  # (7)
        return np.where(self.epsilon > O, 0, Ob)  # (8)
