"""Nesterov's momentum as the book has it (seed 000, Nesterov Accelerated Gradient):

    v_t = b v_{t-1} + a g(theta_{t-1} - b v_{t-1})
    theta_t = theta_{t-1} - v_t

The book prints the second line one index later, theta_{t+1} = theta_t - v_t.

The gradient belongs to the look-ahead point x_t = theta_t - b v_t, not to the
weight theta_t: the training step takes it at ``points``.  Written in x the rule is

    x_t = theta_{t-1} - v_t - b v_t
        = x_{t-1} + b v_{t-1} - v_t - b v_t
        = x_{t-1} - a g(x_{t-1}) - b v_t

which, with -v for v, is ``nesterov``, Keras's form: Keras's variable is x.  Both
start at the same point, as v_0 = 0, and theta_t = x_t + b v_t afterwards.  The
two differ by rounding only.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.checks import fraction
from refimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class NesterovLookAhead(Optimizer):
    """``update`` is given the gradients at ``points``; the slot is v."""

    learning_rate: float = 0.01
    momentum: float = 0.9

    slot_names: ClassVar = ("momentum",)
    looks_ahead: ClassVar = True

    def __post_init__(self):
        super().__post_init__()
        fraction("momentum", self.momentum)

    def build(self, variable):
        return (np.zeros_like(variable),)

    def points(self, variables, slots):
        """Return where the gradients are taken: theta - b v."""
        own, _, _ = self._by_kind(slots)
        return tuple(w - v * self.momentum for w, (v,) in zip(variables, own))  # (1)

    def update(self, variable, gradient, slots, step, learning_rate):
        (velocity,) = slots
        velocity = velocity * self.momentum + gradient * learning_rate  # (2)
        variable = variable - velocity  # (3)
        return variable, (velocity,)
