"""Adadelta as Keras has it (Zeiler 2012, Algorithm 1; seed 000):

    h <- rho h + (1 - rho) g^2
    d = - sqrt(s + epsilon) / sqrt(h + epsilon) g
    s <- rho s + (1 - rho) d^2
    w <- w + a d

The paper and the book have no learning rate: a is 1.  Keras's default of 0.001
shortens every step a thousand times.  s collects d, not a d.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.checks import fraction, not_negative
from refimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class Adadelta(Optimizer):
    """Keras: ``Adadelta``; the slots are h and s."""

    learning_rate: float = 0.001
    rho: float = 0.95
    epsilon: float = 1e-7

    slot_names: ClassVar = ("accumulated_grad", "accumulated_delta_var")

    def __post_init__(self):
        super().__post_init__()
        fraction("rho", self.rho)
        not_negative("epsilon", self.epsilon)

    def build(self, variable):
        return np.zeros_like(variable), np.zeros_like(variable)

    def update(self, variable, gradient, slots, step, learning_rate):
        h, s = slots
        h = self.rho * h + (1 - self.rho) * np.square(gradient)  # (1)
        root_h = np.sqrt(h + self.epsilon)  # (2)
        delta = -(np.sqrt(s + self.epsilon) * gradient / root_h)  # (3)
        s = self.rho * s + (1 - self.rho) * np.square(delta)  # (4)
        variable = variable + learning_rate * delta  # (5)
        return variable, (h, s)
