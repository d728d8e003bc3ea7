"""Adagrad as Keras has it (Duchi, Hazan, Singer 2011, Figure 1, diagonal): h <- h + g^2;
w <- w - a g / sqrt(h + epsilon), h from 0.1."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class Adagrad(Optimizer):
    """Keras: ``Adagrad``; the slot is h."""

    learning_rate: float = 0.001
    initial_accumulator_value: float = 0.1
    epsilon: float = 1e-7

    slot_names: ClassVar = ("accumulator",)

    def build(self, variable):
        return (tf.zeros_like(variable) + self.initial_accumulator_value,)

    def update(self, variable, gradient, slots, step, learning_rate):
        (accumulator,) = slots
        accumulator = accumulator + tf.square(gradient)  # (1)
        root = tf.sqrt(accumulator + self.epsilon)  # (2)
        variable = variable - learning_rate * gradient / root  # (3)
        return variable, (accumulator,)
