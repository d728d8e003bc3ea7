"""Adadelta as Keras has it (Zeiler 2012, Algorithm 1; seed 000)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class Adadelta(Optimizer):
    """Keras: ``Adadelta``; the slots are h and s."""

    learning_rate: float = 0.001
    rho: float = 0.95
    epsilon: float = 1e-7

    slot_names: ClassVar = ("accumulated_grad", "accumulated_delta_var")

    def build(self, variable):
        return tf.zeros_like(variable), tf.zeros_like(variable)

    def update(self, variable, gradient, slots, step, learning_rate):
        h, s = slots
        h = self.rho * h + (1 - self.rho) * tf.square(gradient)  # (1)
        root_h = tf.sqrt(h + self.epsilon)  # (2)
        delta = -(tf.sqrt(s + self.epsilon) * gradient / root_h)  # (3)
        s = self.rho * s + (1 - self.rho) * tf.square(delta)  # (4)
        variable = variable + learning_rate * delta  # (5)
        return variable, (h, s)
