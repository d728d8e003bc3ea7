"""Centered RMSprop as Keras has it (Graves 2013, equations 38 to 41, without momentum)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.counterpart import Counterpart
from tfimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class RMSpropCentered(Optimizer):
    """Keras: ``RMSprop(centered=True)``; the slots are h and q."""

    learning_rate: float = 0.001
    rho: float = 0.9
    epsilon: float = 1e-7

    slot_names: ClassVar = ("velocity", "average_gradient")
    in_keras: ClassVar = Counterpart("RMSprop", centered=True)

    def build(self, variable):
        return tf.zeros_like(variable), tf.zeros_like(variable)

    def update(self, variable, gradient, slots, step, learning_rate):
        velocity, average = slots
        velocity = self.rho * velocity + (1 - self.rho) * tf.square(gradient)  # (1)
        average = self.rho * average + (1 - self.rho) * gradient  # (2)
        root = tf.sqrt(velocity - tf.square(average) + self.epsilon)  # (3)
        variable = variable - learning_rate * gradient / root  # (4)
        return variable, (velocity, average)
