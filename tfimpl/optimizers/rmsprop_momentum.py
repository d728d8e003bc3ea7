"""RMSprop with momentum as Keras has it (Tieleman, Hinton 2012; momentum: Graves 2013)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.counterpart import Counterpart
from tfimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class RMSpropMomentum(Optimizer):
    """Keras: ``RMSprop(momentum=...)``, momentum above 0; the slots are h and p."""

    learning_rate: float = 0.001
    rho: float = 0.9
    momentum: float = 0.9
    epsilon: float = 1e-7

    slot_names: ClassVar = ("velocity", "momentum")
    in_keras: ClassVar = Counterpart("RMSprop")

    def build(self, variable):
        return tf.zeros_like(variable), tf.zeros_like(variable)

    def update(self, variable, gradient, slots, step, learning_rate):
        velocity, momentum = slots
        velocity = self.rho * velocity + (1 - self.rho) * tf.square(gradient)  # (1)
        root = tf.sqrt(velocity + self.epsilon)  # (2)
        increment = learning_rate * gradient / root  # (3)
        momentum = self.momentum * momentum + increment  # (4)
        variable = variable - momentum  # (5)
        return variable, (velocity, momentum)
