"""Lion as Keras has it (Chen et al. 2023, Algorithm 2, without its weight decay)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class Lion(Optimizer):
    """Keras: ``Lion``; the slot is m."""

    learning_rate: float = 0.001
    beta_1: float = 0.9
    beta_2: float = 0.99

    slot_names: ClassVar = ("momentum",)

    def build(self, variable):
        return (tf.zeros_like(variable),)

    def update(self, variable, gradient, slots, step, learning_rate):
        (m,) = slots
        beta_1 = tf.zeros_like(step) + self.beta_1  # (1)
        beta_2 = tf.zeros_like(step) + self.beta_2  # (2)
        sign = tf.sign(m * beta_1 + gradient * (1 - beta_1))  # (3)
        variable = variable - learning_rate * sign  # (4)
        m = m * beta_2 + gradient * (1 - beta_2)  # (5)
        return variable, (m,)
