"""Centered RMSprop with momentum as Keras has it (Graves 2013, equations 38 to 41)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.counterpart import Counterpart
from tfimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class RMSpropCenteredMomentum(Optimizer):
    """Keras: ``RMSprop(momentum=..., centered=True)``; the slots are h, p and q."""

    learning_rate: float = 0.001
    rho: float = 0.9
    momentum: float = 0.9
    epsilon: float = 1e-7

    slot_names: ClassVar = ("velocity", "momentum", "average_gradient")
    in_keras: ClassVar = Counterpart("RMSprop", centered=True)

    def build(self, variable):
        return tf.zeros_like(variable), tf.zeros_like(variable), tf.zeros_like(variable)

    def update(self, variable, gradient, slots, step, learning_rate):
        velocity, momentum, average = slots
        velocity = self.rho * velocity + (1 - self.rho) * tf.square(gradient)  # (1)
        average = self.rho * average + (1 - self.rho) * gradient  # (2)
        root = tf.sqrt(velocity - tf.square(average) + self.epsilon)  # (3)
        increment = learning_rate * gradient / root  # (4)
        momentum = self.momentum * momentum + increment  # (5)
        variable = variable - momentum  # (6)
        return variable, (velocity, momentum, average)
