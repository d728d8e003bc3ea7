"""LAMB as Keras has it (You et al. 2020, Algorithm 2, without its weight decay)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class Lamb(Optimizer):
    """Keras: ``Lamb``; the slots are m and v."""

    learning_rate: float = 0.001
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7

    slot_names: ClassVar = ("momentum", "velocity")

    def build(self, variable):
        return tf.zeros_like(variable), tf.zeros_like(variable)

    def update(self, variable, gradient, slots, step, learning_rate):
        m, v = slots
        m = m + (gradient - m) * (1 - self.beta_1)  # (1)
        v = v + (tf.square(gradient) - v) * (1 - self.beta_2)  # (2)
        m_hat = m / (1 - self.beta_1**step)  # (3)
        root = tf.sqrt(v / (1 - self.beta_2**step)) + self.epsilon  # (4)
        update = m_hat / root  # (5)
        w_norm = tf.sqrt(tf.reduce_sum(variable**2, (-2, -1), keepdims=True))  # (6)
        u_norm = tf.sqrt(tf.reduce_sum(update**2, (-2, -1), keepdims=True))  # (7)
        ratio = tf.where(u_norm > 0, w_norm / u_norm, 1.0)  # (8)
        ratio = tf.where(w_norm > 0, ratio, 1.0)  # (9)
        variable = variable - ratio * learning_rate * update  # (10)
        return variable, (m, v)
