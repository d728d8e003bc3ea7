"""Poisson loss: the negative log-likelihood of counts T at rates O."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.losses.loss import EPSILON, Loss


@dataclass(frozen=True)
class Poisson(Loss):
    """S = 1/n sum_units (O - T log(O + 1e-7)), without log(T!), which O does not change."""

    name: ClassVar = "poisson"

    def samples(self, O, T):
        n = O.shape[-1]
        return np.sum(O - T * np.log(O + EPSILON), axis=-1) / n  # (1)

    def samples_backward(self, Sb, O, T):
        n = O.shape[-1]
        each = Sb[..., None] / n  # (2)
        return each + -each * T * (1 / (O + EPSILON))  # (3)
