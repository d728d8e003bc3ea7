"""Adam as Keras has it (Kingma, Ba 2015, the formula just before section 2.1)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class Adam(Optimizer):
    """Keras: ``Adam``; the slots are m and v."""

    learning_rate: float = 0.001
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7

    slot_names: ClassVar = ("momentum", "velocity")

    def build(self, variable):
        return tf.zeros_like(variable), tf.zeros_like(variable)

    def update(self, variable, gradient, slots, step, learning_rate):
        m, v = slots
        beta_1_power = self.beta_1**step  # (1)
        beta_2_power = self.beta_2**step  # (2)
        alpha = learning_rate * tf.sqrt(1 - beta_2_power) / (1 - beta_1_power)  # (3)
        m = m + (gradient - m) * (1 - self.beta_1)  # (4)
        v = v + (tf.square(gradient) - v) * (1 - self.beta_2)  # (5)
        variable = variable - m * alpha / (tf.sqrt(v) + self.epsilon)  # (6)
        return variable, (m, v)
