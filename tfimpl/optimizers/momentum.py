"""Momentum (seed 001, 431; Polyak 1964): v <- m v - a g; w <- w + v."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.counterpart import Counterpart
from tfimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class Momentum(Optimizer):
    """Keras: ``SGD(learning_rate, momentum)``; the slot is the velocity v."""

    learning_rate: float = 0.01
    momentum: float = 0.9

    slot_names: ClassVar = ("momentum",)
    in_keras: ClassVar = Counterpart("SGD")

    def build(self, variable):
        return (tf.zeros_like(variable),)

    def update(self, variable, gradient, slots, step, learning_rate):
        (velocity,) = slots
        velocity = velocity * self.momentum - gradient * learning_rate  # (1)
        variable = variable + velocity  # (2)
        return variable, (velocity,)
