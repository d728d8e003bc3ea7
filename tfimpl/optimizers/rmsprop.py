"""RMSprop as Keras has it (Tieleman, Hinton 2012, lecture 6.5): h <- rho h + (1 - rho) g^2;
w <- w - a g / sqrt(h + epsilon)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class RMSprop(Optimizer):
    """Keras: ``RMSprop``; the slot is h."""

    learning_rate: float = 0.001
    rho: float = 0.9
    epsilon: float = 1e-7

    slot_names: ClassVar = ("velocity",)

    def build(self, variable):
        return (tf.zeros_like(variable),)

    def update(self, variable, gradient, slots, step, learning_rate):
        (velocity,) = slots
        velocity = self.rho * velocity + (1 - self.rho) * tf.square(gradient)  # (1)
        root = tf.sqrt(velocity + self.epsilon)  # (2)
        variable = variable - learning_rate * gradient / root  # (3)
        return variable, (velocity,)
