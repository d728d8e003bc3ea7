"""Adamax as Keras has it (Kingma, Ba 2015, section 7.1, Algorithm 2)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class Adamax(Optimizer):
    """Keras: ``Adamax``; the slots are m and u."""

    learning_rate: float = 0.001
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7

    slot_names: ClassVar = ("momentum", "norm")

    def build(self, variable):
        return tf.zeros_like(variable), tf.zeros_like(variable)

    def update(self, variable, gradient, slots, step, learning_rate):
        m, u = slots
        beta_1_power = self.beta_1**step  # (1)
        m = m + (gradient - m) * (1 - self.beta_1)  # (2)
        u = tf.maximum(self.beta_2 * u, tf.abs(gradient))  # (3)
        divisor = (1 - beta_1_power) * (u + self.epsilon)  # (4)
        variable = variable - learning_rate * m / divisor  # (5)
        return variable, (m, u)
