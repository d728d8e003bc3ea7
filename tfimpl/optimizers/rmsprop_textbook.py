"""RMSProp as the book has it (seed 001, 433): h <- rho h + (1 - rho) g^2;
w <- w - a/sqrt(h) g."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class RMSpropTextbook(Optimizer):
    """No epsilon.  Keras has no such class."""

    learning_rate: float = 0.5
    rho: float = 0.9

    slot_names: ClassVar = ("velocity",)
    in_keras: ClassVar = None

    def build(self, variable):
        return (tf.zeros_like(variable),)

    def update(self, variable, gradient, slots, step, learning_rate):
        (velocity,) = slots
        velocity = self.rho * velocity + (1 - self.rho) * gradient * gradient  # (1)
        rate = learning_rate / tf.sqrt(velocity)  # (2)
        variable = variable - rate * gradient  # (3)
        return variable, (velocity,)
