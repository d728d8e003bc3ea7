"""Gradient descent (seed 001, 424): w <- w - learning_rate * g."""

from dataclasses import dataclass
from typing import ClassVar

from refimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class SGD(Optimizer):
    """Plain descent; no slots.

    Raises ValueError for a learning rate that is not a finite number above 0.
    """

    learning_rate: float = 0.01

    slot_names: ClassVar = ()

    def __post_init__(self):
        super().__post_init__()

    def build(self, variable):
        return ()

    def update(self, variable, gradient, slots, step, learning_rate):
        variable = variable - gradient * learning_rate  # (1)
        return variable, ()
