"""AMSGrad as Keras has it, ``Adam(amsgrad=True)`` (Reddi et al. 2018, Algorithm 2)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.counterpart import Counterpart
from tfimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class AMSGrad(Optimizer):
    """Keras: ``Adam(amsgrad=True)``; the slots are m, v and u."""

    learning_rate: float = 0.001
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7

    slot_names: ClassVar = ("momentum", "velocity", "velocity_hat")
    in_keras: ClassVar = Counterpart("Adam", also=("AdamW",), amsgrad=True)

    def build(self, variable):
        return tf.zeros_like(variable), tf.zeros_like(variable), tf.zeros_like(variable)

    def update(self, variable, gradient, slots, step, learning_rate):
        m, v, v_hat = slots
        beta_1_power = self.beta_1**step  # (1)
        beta_2_power = self.beta_2**step  # (2)
        alpha = learning_rate * tf.sqrt(1 - beta_2_power) / (1 - beta_1_power)  # (3)
        m = m + (gradient - m) * (1 - self.beta_1)  # (4)
        v = v + (tf.square(gradient) - v) * (1 - self.beta_2)  # (5)
        v_hat = tf.maximum(v_hat, v)  # (6)
        variable = variable - m * alpha / (tf.sqrt(v_hat) + self.epsilon)  # (7)
        return variable, (m, v, v_hat)
