"""Gradient descent (seed 001, 424): w <- w - learning_rate * g."""

from dataclasses import dataclass
from typing import ClassVar

from tfimpl.counterpart import Counterpart
from tfimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class SGD(Optimizer):
    """Plain descent; no slots."""

    learning_rate: float = 0.01

    slot_names: ClassVar = ()
    in_keras: ClassVar = Counterpart(unread=("nesterov",))

    def build(self, variable):
        return ()

    def update(self, variable, gradient, slots, step, learning_rate):
        variable = variable - gradient * learning_rate  # (1)
        return variable, ()
