"""RMSprop as Keras has it (Tieleman, Hinton 2012, lecture 6.5): h <- rho h + (1 - rho) g^2;
w <- w - a g / sqrt(h + epsilon).

Epsilon stands under the root, as in seed 000; Keras's text calls it the "epsilon
hat" of Kingma and Ba, which stands beside it.  The lecture and seed 001
(``rmsprop_textbook``) have none.  rho is the lecture's.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.checks import fraction, not_negative
from refimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class RMSprop(Optimizer):
    """Keras: ``RMSprop``; the slot is h."""

    learning_rate: float = 0.001
    rho: float = 0.9
    epsilon: float = 1e-7

    slot_names: ClassVar = ("velocity",)

    def __post_init__(self):
        super().__post_init__()
        fraction("rho", self.rho)
        not_negative("epsilon", self.epsilon)

    def build(self, variable):
        return (np.zeros_like(variable),)

    def update(self, variable, gradient, slots, step, learning_rate):
        (velocity,) = slots
        velocity = self.rho * velocity + (1 - self.rho) * np.square(gradient)  # (1)
        root = np.sqrt(velocity + self.epsilon)  # (2)
        variable = variable - learning_rate * gradient / root  # (3)
        return variable, (velocity,)
