"""Adagrad as Keras has it (Duchi, Hazan, Singer 2011, Figure 1, diagonal): h <- h + g^2;
w <- w - a g / sqrt(h + epsilon), h from 0.1.

The paper's h starts at 0 and its divisor is delta + sqrt(h): its small constant
stands beside the root.  Seed 000 has Keras's divisor, with h from 0.  Seed 001
(``adagrad_textbook``) starts h at 0 and has no epsilon, so its first step is a
itself, whatever the gradient; Keras's first step is shorter.  By Keras's text
a = 1 gives the paper's exact form; these two differences remain.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.checks import not_negative
from refimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class Adagrad(Optimizer):
    """Keras: ``Adagrad``; the slot is h."""

    learning_rate: float = 0.001
    initial_accumulator_value: float = 0.1
    epsilon: float = 1e-7

    slot_names: ClassVar = ("accumulator",)

    def __post_init__(self):
        super().__post_init__()
        not_negative("initial_accumulator_value", self.initial_accumulator_value)
        not_negative("epsilon", self.epsilon)

    def build(self, variable):
        return (np.zeros_like(variable) + self.initial_accumulator_value,)

    def update(self, variable, gradient, slots, step, learning_rate):
        (accumulator,) = slots
        accumulator = accumulator + np.square(gradient)  # (1)
        root = np.sqrt(accumulator + self.epsilon)  # (2)
        variable = variable - learning_rate * gradient / root  # (3)
        return variable, (accumulator,)
