"""Adamax as Keras has it (Kingma, Ba 2015, section 7.1, Algorithm 2):

    m <- m + (g - m)(1 - beta_1)
    u <- max(beta_2 u, |g|)
    w <- w - learning_rate m / ((1 - beta_1^t)(u + epsilon))

The paper has no epsilon: a gradient that was always 0 divides 0 by 0 there.  Its
learning rate is 0.002; Keras's is 0.001, though by Keras's text its defaults are
the paper's.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.checks import fraction, not_negative
from refimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class Adamax(Optimizer):
    """Keras: ``Adamax``; the slots are m and u."""

    learning_rate: float = 0.001
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7

    slot_names: ClassVar = ("momentum", "norm")

    def __post_init__(self):
        super().__post_init__()
        fraction("beta_1", self.beta_1)
        fraction("beta_2", self.beta_2)
        not_negative("epsilon", self.epsilon)

    def build(self, variable):
        return np.zeros_like(variable), np.zeros_like(variable)

    def update(self, variable, gradient, slots, step, learning_rate):
        m, u = slots
        beta_1_power = self.beta_1**step  # (1)
        m = m + (gradient - m) * (1 - self.beta_1)  # (2)
        u = np.maximum(self.beta_2 * u, np.abs(gradient))  # (3)
        divisor = (1 - beta_1_power) * (u + self.epsilon)  # (4)
        variable = variable - learning_rate * m / divisor  # (5)
        return variable, (m, u)
