"""Nesterov's momentum as the book has it (seed 000, Nesterov Accelerated Gradient):

v_t = b v_{t-1} + a g(theta_{t-1} - b v_{t-1})
theta_t = theta_{t-1} - v_t"""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class NesterovLookAhead(Optimizer):
    """The slot is v.  Keras has no such class: its variable is the look-ahead point."""

    learning_rate: float = 0.01
    momentum: float = 0.9

    slot_names: ClassVar = ("momentum",)
    looks_ahead: ClassVar = True
    in_keras: ClassVar = None

    def build(self, variable):
        return (tf.zeros_like(variable),)

    def points(self, variables, slots):
        """Return where the gradients are taken: theta - b v."""
        own, _, _ = self._by_kind(slots)
        return tuple(w - v * self.momentum for w, (v,) in zip(variables, own))  # (1)

    def update(self, variable, gradient, slots, step, learning_rate):
        (velocity,) = slots
        velocity = velocity * self.momentum + gradient * learning_rate  # (2)
        variable = variable - velocity  # (3)
        return variable, (velocity,)
