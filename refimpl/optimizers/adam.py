"""Adam as Keras has it (Kingma, Ba 2015, the formula just before section 2.1):

    m <- m + (g - m)(1 - beta_1)
    v <- v + (g^2 - v)(1 - beta_2)
    a = learning_rate sqrt(1 - beta_2^t) / (1 - beta_1^t)
    w <- w - a m / (sqrt(v) + epsilon)

The two bias corrections are drawn into one rate a, so epsilon is added to the
uncorrected root: the paper's "epsilon hat".  The book's form
(``adam_textbook``) is the paper's Algorithm 1, which corrects v first; the two
differ by a factor sqrt(1 - beta_2^t) in what epsilon means, 32 at t = 1.  The
paper's epsilon is 1e-8; its other defaults are Keras's.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.checks import fraction, not_negative
from refimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class Adam(Optimizer):
    """Keras: ``Adam``; the slots are m and v."""

    learning_rate: float = 0.001
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7

    slot_names: ClassVar = ("momentum", "velocity")

    def __post_init__(self):
        super().__post_init__()
        fraction("beta_1", self.beta_1)
        fraction("beta_2", self.beta_2)
        not_negative("epsilon", self.epsilon)

    def build(self, variable):
        return np.zeros_like(variable), np.zeros_like(variable)

    def update(self, variable, gradient, slots, step, learning_rate):
        m, v = slots
        beta_1_power = self.beta_1**step  # (1)
        beta_2_power = self.beta_2**step  # (2)
        alpha = learning_rate * np.sqrt(1 - beta_2_power) / (1 - beta_1_power)  # (3)
        m = m + (gradient - m) * (1 - self.beta_1)  # (4)
        v = v + (np.square(gradient) - v) * (1 - self.beta_2)  # (5)
        variable = variable - m * alpha / (np.sqrt(v) + self.epsilon)  # (6)
        return variable, (m, v)
