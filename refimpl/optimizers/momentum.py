"""Momentum (seed 001, 431; Polyak 1964): v <- m v - a g; w <- w + v.

Seed 000 writes the same with the sign in the other line: v <- m v + a g;
w <- w - v.  Negating is exact, so the weights are the same to the bit.  Keras's
default momentum is 0, which is ``sgd`` without a slot; seed 001 takes 0.5.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.checks import fraction
from refimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class Momentum(Optimizer):
    """Keras: ``SGD(learning_rate, momentum)``; the slot is the velocity v."""

    learning_rate: float = 0.01
    momentum: float = 0.9

    slot_names: ClassVar = ("momentum",)

    def __post_init__(self):
        super().__post_init__()
        fraction("momentum", self.momentum)

    def build(self, variable):
        return (np.zeros_like(variable),)

    def update(self, variable, gradient, slots, step, learning_rate):
        (velocity,) = slots
        velocity = velocity * self.momentum - gradient * learning_rate  # (1)
        variable = variable + velocity  # (2)
        return variable, (velocity,)
