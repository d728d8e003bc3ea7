"""Lion as Keras has it (Chen et al. 2023, Algorithm 2, without its weight decay):

    w <- w - a sign(beta_1 m + (1 - beta_1) g)
    m <- beta_2 m + (1 - beta_2) g

Every weight moves by a or not at all.  The betas are the paper's; the authors'
code has an a of 1e-4.  Keras's weight decay is the base class's, before the step,
as in the authors' code.  1 - beta is taken at the working precision.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.checks import fraction, positive_fraction
from refimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class Lion(Optimizer):
    """Keras: ``Lion``; the slot is m."""

    learning_rate: float = 0.001
    beta_1: float = 0.9
    beta_2: float = 0.99

    slot_names: ClassVar = ("momentum",)

    def __post_init__(self):
        super().__post_init__()
        positive_fraction("beta_1", self.beta_1)
        fraction("beta_2", self.beta_2)

    def build(self, variable):
        return (np.zeros_like(variable),)

    def update(self, variable, gradient, slots, step, learning_rate):
        (m,) = slots
        beta_1 = np.zeros_like(step) + self.beta_1  # (1)
        beta_2 = np.zeros_like(step) + self.beta_2  # (2)
        sign = np.sign(m * beta_1 + gradient * (1 - beta_1))  # (3)
        variable = variable - learning_rate * sign  # (4)
        m = m * beta_2 + gradient * (1 - beta_2)  # (5)
        return variable, (m,)
