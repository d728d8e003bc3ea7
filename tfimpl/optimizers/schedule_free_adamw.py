"""Schedule-free AdamW as Keras describes it (Defazio et al. 2024, Algorithm 1)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class ScheduleFreeAdamW(Optimizer):
    """Keras: ``ScheduleFreeAdamW``; the slots are z and v."""

    learning_rate: float = 0.0025
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    warmup_steps: int = 0

    slot_names: ClassVar = ("momentum", "velocity")

    def build(self, variable):
        return tf.identity(variable), tf.zeros_like(variable)

    def update(self, variable, gradient, slots, step, learning_rate):
        z_old, v = slots
        beta_1 = tf.zeros_like(step) + self.beta_1  # (1)
        beta_2 = tf.zeros_like(step) + self.beta_2  # (2)
        rate = tf.zeros_like(step) + learning_rate  # (3)
        if self.warmup_steps > 0:
            rate = rate * tf.minimum(step / self.warmup_steps, 1.0)  # (4)
        v = v + (tf.square(gradient) - v) * (1 - beta_2)  # (5)
        root = tf.sqrt(v / (1 - beta_2**step)) + self.epsilon  # (6)
        z = z_old - rate * gradient / root  # (7)
        weight = 1 / step  # (8)
        x = (variable - (1 - beta_1) * z_old) / beta_1  # (9)
        x = (1 - weight) * x + weight * z  # (10)
        variable = (1 - beta_1) * z + beta_1 * x  # (11)
        return variable, (z, v)
