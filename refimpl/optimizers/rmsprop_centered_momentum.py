"""Centered RMSprop with momentum as Keras has it (Graves 2013, equations 38 to 41):

    h <- rho h + (1 - rho) g^2
    q <- rho q + (1 - rho) g
    p <- m p + a g / sqrt(h - q^2 + epsilon)
    w <- w - p

Graves's constants (equations 42 to 45) are rho 0.95, m 0.9, a and epsilon 1e-4.
His p has the other sign, which is exact.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.checks import fraction, not_negative, positive_fraction
from refimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class RMSpropCenteredMomentum(Optimizer):
    """Keras: ``RMSprop(momentum=..., centered=True)``; the slots are h, p and q."""

    learning_rate: float = 0.001
    rho: float = 0.9
    momentum: float = 0.9
    epsilon: float = 1e-7

    slot_names: ClassVar = ("velocity", "momentum", "average_gradient")

    def __post_init__(self):
        super().__post_init__()
        fraction("rho", self.rho)
        positive_fraction("momentum", self.momentum)
        not_negative("epsilon", self.epsilon)

    def build(self, variable):
        return np.zeros_like(variable), np.zeros_like(variable), np.zeros_like(variable)

    def update(self, variable, gradient, slots, step, learning_rate):
        velocity, momentum, average = slots
        velocity = self.rho * velocity + (1 - self.rho) * np.square(gradient)  # (1)
        average = self.rho * average + (1 - self.rho) * gradient  # (2)
        root = np.sqrt(velocity - np.square(average) + self.epsilon)  # (3)
        increment = learning_rate * gradient / root  # (4)
        momentum = self.momentum * momentum + increment  # (5)
        variable = variable - momentum  # (6)
        return variable, (velocity, momentum, average)
