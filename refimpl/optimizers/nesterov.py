"""Nesterov's momentum as Keras has it, ``SGD(nesterov=True)`` (Nesterov 1983;
Sutskever, Martens, Dahl, Hinton 2013, equations 3 and 4, in other variables):

    v <- m v - a g
    w <- w + m v - a g

The paper takes the gradient at a point ahead of its weight.  Here the variable
*is* that point, so an ordinary gradient serves; ``nesterov_look_ahead`` has the
paper's and the book's variables, and the algebra between them.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.checks import fraction
from refimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class Nesterov(Optimizer):
    """Keras: ``SGD(learning_rate, momentum, nesterov=True)``; the slot is v."""

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
        ahead = velocity * self.momentum - gradient * learning_rate  # (2)
        variable = variable + ahead  # (3)
        return variable, (velocity,)
