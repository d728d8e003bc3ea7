"""Follow the regularized leader as Keras has it (McMahan et al. 2013, Algorithm 1):

    n' = n + g^2
    s = (n'^p - n^p) / a,  p = -learning_rate_power
    z <- z + g + 2 shrinkage w - s w
    w <- (clip(z, -l1, l1) - z) / (n'^p / a + 2 (l2 + beta / (2 a)))
    n <- n'

so w is 0 where |z| <= l1.  Keras's l2 counts twice: the paper's, and Keras's own
text's, divisor has l2, not 2 l2.  The paper has p = 1/2, n from 0 and no shrinkage,
which acts in z, not in n; it writes w first, from z and n, and then the gradient
there, which is the same sequence.

The rule computes w from z, and z starts at 0 for a w that starts at 0: a first
step forgets any other start.  With g = 0 it sets w to 0; and if n, l2 and beta
are 0 as well, to 0 / 0.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.checks import not_negative, not_positive
from refimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class Ftrl(Optimizer):
    """Keras: ``Ftrl``; the slots are n and z."""

    learning_rate: float = 0.001
    learning_rate_power: float = -0.5
    initial_accumulator_value: float = 0.1
    l1_regularization_strength: float = 0.0
    l2_regularization_strength: float = 0.0
    l2_shrinkage_regularization_strength: float = 0.0
    beta: float = 0.0

    slot_names: ClassVar = ("accumulator", "linear")

    def __post_init__(self):
        super().__post_init__()
        not_positive("learning_rate_power", self.learning_rate_power)
        not_negative("initial_accumulator_value", self.initial_accumulator_value)
        not_negative("l1_regularization_strength", self.l1_regularization_strength)
        not_negative("l2_regularization_strength", self.l2_regularization_strength)
        shrinkage = self.l2_shrinkage_regularization_strength
        not_negative("l2_shrinkage_regularization_strength", shrinkage)
        not_negative("beta", self.beta)

    def build(self, variable):
        start = np.zeros_like(variable) + self.initial_accumulator_value
        return start, np.zeros_like(variable)

    def update(self, variable, gradient, slots, step, learning_rate):
        old, linear = slots
        power = -self.learning_rate_power
        l1 = self.l1_regularization_strength
        shrinkage = 2 * self.l2_shrinkage_regularization_strength
        rate = np.zeros_like(step) + learning_rate  # (1)
        l2 = self.l2_regularization_strength + self.beta / (2 * rate)  # (2)
        shrunk = gradient + shrinkage * variable  # (3)
        accumulator = old + np.square(gradient)  # (4)
        sigma = (accumulator**power - old**power) / rate  # (5)
        linear = linear + (shrunk - sigma * variable)  # (6)
        quadratic = accumulator**power / rate + 2 * l2  # (7)
        clipped = np.maximum(np.minimum(linear, l1), -l1)  # (8)
        variable = (clipped - linear) / quadratic  # (9)
        return variable, (accumulator, linear)
