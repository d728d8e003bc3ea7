"""Follow the regularized leader as Keras has it (McMahan et al. 2013, Algorithm 1)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class Ftrl(Optimizer):
    """Keras: ``Ftrl``; the slots are n and z."""

    learning_rate: float = 0.001
    learning_rate_power: float = -0.5
    initial_accumulator_value: float = 0.1
    l1_regularization_strength: float = 0.0
    l2_regularization_strength: float = 0.0
    l2_shrinkage_regularization_strength: float = 0.0
    beta: float = 0.0

    slot_names: ClassVar = ("accumulator", "linear")

    def build(self, variable):
        start = tf.zeros_like(variable) + self.initial_accumulator_value
        return start, tf.zeros_like(variable)

    def update(self, variable, gradient, slots, step, learning_rate):
        old, linear = slots
        power = -self.learning_rate_power
        l1 = self.l1_regularization_strength
        shrinkage = 2 * self.l2_shrinkage_regularization_strength
        rate = tf.zeros_like(step) + learning_rate  # (1)
        l2 = self.l2_regularization_strength + self.beta / (2 * rate)  # (2)
        shrunk = gradient + shrinkage * variable  # (3)
        accumulator = old + tf.square(gradient)  # (4)
        sigma = (accumulator**power - old**power) / rate  # (5)
        linear = linear + (shrunk - sigma * variable)  # (6)
        quadratic = accumulator**power / rate + 2 * l2  # (7)
        clipped = tf.maximum(tf.minimum(linear, l1), -l1)  # (8)
        variable = (clipped - linear) / quadratic  # (9)
        return variable, (accumulator, linear)
