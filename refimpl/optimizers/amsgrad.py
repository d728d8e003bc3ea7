"""AMSGrad as Keras has it, ``Adam(amsgrad=True)`` (Reddi, Kale, Kumar 2018, Algorithm 2):

    m <- m + (g - m)(1 - beta_1)
    v <- v + (g^2 - v)(1 - beta_2)
    u <- max(u, v)
    a = learning_rate sqrt(1 - beta_2^t) / (1 - beta_1^t)
    w <- w - a m / (sqrt(u) + epsilon)

The paper corrects no bias and has no epsilon, lets the learning rate and beta_1
change with t, and projects w on a feasible set.  Keras corrects the bias of u by
that of v, though u may be an older v.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.checks import fraction, not_negative
from refimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class AMSGrad(Optimizer):
    """Keras: ``Adam(amsgrad=True)``; the slots are m, v and u."""

    learning_rate: float = 0.001
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7

    slot_names: ClassVar = ("momentum", "velocity", "velocity_hat")

    def __post_init__(self):
        super().__post_init__()
        fraction("beta_1", self.beta_1)
        fraction("beta_2", self.beta_2)
        not_negative("epsilon", self.epsilon)

    def build(self, variable):
        return np.zeros_like(variable), np.zeros_like(variable), np.zeros_like(variable)

    def update(self, variable, gradient, slots, step, learning_rate):
        m, v, v_hat = slots
        beta_1_power = self.beta_1**step  # (1)
        beta_2_power = self.beta_2**step  # (2)
        alpha = learning_rate * np.sqrt(1 - beta_2_power) / (1 - beta_1_power)  # (3)
        m = m + (gradient - m) * (1 - self.beta_1)  # (4)
        v = v + (np.square(gradient) - v) * (1 - self.beta_2)  # (5)
        v_hat = np.maximum(v_hat, v)  # (6)
        variable = variable - m * alpha / (np.sqrt(v_hat) + self.epsilon)  # (7)
        return variable, (m, v, v_hat)
