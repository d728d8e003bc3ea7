"""AdaGrad as the book has it (seed 001, 432): h <- h + g^2; w <- w - a/sqrt(h) g."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class AdagradTextbook(Optimizer):
    """No epsilon, h from 0.  Keras has no such class."""

    learning_rate: float = 0.5

    slot_names: ClassVar = ("accumulator",)
    in_keras: ClassVar = None

    def build(self, variable):
        return (tf.zeros_like(variable),)

    def update(self, variable, gradient, slots, step, learning_rate):
        (accumulator,) = slots
        accumulator = accumulator + gradient * gradient  # (1)
        rate = learning_rate / tf.sqrt(accumulator)  # (2)
        variable = variable - rate * gradient  # (3)
        return variable, (accumulator,)
