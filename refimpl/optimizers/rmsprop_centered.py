"""Centered RMSprop as Keras has it (Graves 2013, equations 38 to 41, without momentum):

    h <- rho h + (1 - rho) g^2
    q <- rho q + (1 - rho) g
    w <- w - a g / sqrt(h - q^2 + epsilon)

h - q^2 estimates the variance of the gradient instead of its second moment.  It
is never negative, but its rounding error grows with g^2: in float32 a constant
gradient of 1 or so may leave it below -epsilon, and the root is NaN, in Keras too.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.checks import fraction, not_negative
from refimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class RMSpropCentered(Optimizer):
    """Keras: ``RMSprop(centered=True)``; the slots are h and q."""

    learning_rate: float = 0.001
    rho: float = 0.9
    epsilon: float = 1e-7

    slot_names: ClassVar = ("velocity", "average_gradient")

    def __post_init__(self):
        super().__post_init__()
        fraction("rho", self.rho)
        not_negative("epsilon", self.epsilon)

    def build(self, variable):
        return np.zeros_like(variable), np.zeros_like(variable)

    def update(self, variable, gradient, slots, step, learning_rate):
        velocity, average = slots
        velocity = self.rho * velocity + (1 - self.rho) * np.square(gradient)  # (1)
        average = self.rho * average + (1 - self.rho) * gradient  # (2)
        root = np.sqrt(velocity - np.square(average) + self.epsilon)  # (3)
        variable = variable - learning_rate * gradient / root  # (4)
        return variable, (velocity, average)
