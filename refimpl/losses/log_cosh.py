"""Logarithm of the hyperbolic cosine of the error."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from refimpl.activations import Softplus
from refimpl.losses.loss import Loss


@dataclass(frozen=True)
class LogCosh(Loss):
    """S = 1/n sum_units log(cosh(e)) with e = O - T, as e + softplus(-2 e) - log 2.

    In this form, Keras's, its value loses all its digits near e = 0, where it is e^2 / 2;
    its derivative, tanh(e) = 1 - 2 sigmoid(-2 e), does too.
    """

    softplus: Any = Softplus()

    name: ClassVar = "log_cosh"

    log_2 = 0.6931471805599453

    def samples(self, O, T):
        n = O.shape[-1]
        error = O - T  # (1)
        each = error + self.softplus.forward(error * -2) - self.log_2  # (2)
        return np.sum(each, axis=-1) / n  # (3)

    def samples_backward(self, Sb, O, T):
        n = O.shape[-1]
        error, eachb = O - T, Sb[..., None] / n  # (4)
        return eachb + self.softplus.backward(eachb, error * -2, None) * -2  # (5)
