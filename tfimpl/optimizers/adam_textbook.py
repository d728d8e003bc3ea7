"""Adam as the book has it (seed 001, 434; Kingma, Ba 2015, Algorithm 1)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class AdamTextbook(Optimizer):
    """Both moments are corrected first.  Keras has no such class."""

    learning_rate: float = 0.5
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8

    slot_names: ClassVar = ("momentum", "velocity")
    in_keras: ClassVar = None

    def build(self, variable):
        return tf.zeros_like(variable), tf.zeros_like(variable)

    def update(self, variable, gradient, slots, step, learning_rate):
        m, v = slots
        m = self.beta_1 * m + (1 - self.beta_1) * gradient  # (1)
        v = self.beta_2 * v + (1 - self.beta_2) * gradient * gradient  # (2)
        m_corrected = m / (1 - self.beta_1**step)  # (3)
        v_corrected = v / (1 - self.beta_2**step)  # (4)
        root = tf.sqrt(v_corrected) + self.epsilon  # (5)
        variable = variable - learning_rate * m_corrected / root  # (6)
        return variable, (m, v)
