"""AdaGrad as the book has it (seed 001, 432): h <- h + g^2; w <- w - a/sqrt(h) g."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class AdagradTextbook(Optimizer):
    """No epsilon, h from 0: a first gradient of 0 divides 0 by 0."""

    learning_rate: float = 0.5

    slot_names: ClassVar = ("accumulator",)

    def __post_init__(self):
        super().__post_init__()

    def build(self, variable):
        return (np.zeros_like(variable),)

    def update(self, variable, gradient, slots, step, learning_rate):
        (accumulator,) = slots
        accumulator = accumulator + gradient * gradient  # (1)
        rate = learning_rate / np.sqrt(accumulator)  # (2)
        variable = variable - rate * gradient  # (3)
        return variable, (accumulator,)
