"""Nesterov's momentum as Keras has it, ``SGD(nesterov=True)`` (Nesterov 1983;
Sutskever, Martens, Dahl, Hinton 2013, equations 3 and 4, in other variables)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.counterpart import Counterpart
from tfimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class Nesterov(Optimizer):
    """Keras: ``SGD(learning_rate, momentum, nesterov=True)``; the slot is v."""

    learning_rate: float = 0.01
    momentum: float = 0.9

    slot_names: ClassVar = ("momentum",)
    in_keras: ClassVar = Counterpart("SGD", nesterov=True)

    def build(self, variable):
        return (tf.zeros_like(variable),)

    def update(self, variable, gradient, slots, step, learning_rate):
        (velocity,) = slots
        velocity = velocity * self.momentum - gradient * learning_rate  # (1)
        ahead = velocity * self.momentum - gradient * learning_rate  # (2)
        variable = variable + ahead  # (3)
        return variable, (velocity,)
