"""Schedule-free AdamW as Keras describes it (Defazio et al. 2024, Algorithm 1):

    a = learning_rate min(1, t / warmup_steps)
    v <- v + (g^2 - v)(1 - beta_2)
    x = (y - (1 - beta_1) z) / beta_1
    z <- z - a g / (sqrt(v / (1 - beta_2^t)) + epsilon)
    x <- (1 - 1/t) x + z / t
    y <- (1 - beta_1) z + beta_1 x

y is the variable, at which the gradient is taken; x is recovered from it and
never stored.  x is the answer of the method, by the paper: Keras does not hand
it out.  z starts at y.

Keras on TensorFlow does not compute this: by the time it recovers x, its "old" z
is the new one, since it kept a reference to the variable and not its value.

The paper's a, learning_rate sqrt(1 - beta_2^t) min(1, t / warmup_steps), contains
the bias correction of v, so its epsilon is "epsilon hat", see ``adam``; it weighs
z in x by a^2 over the sum of all a^2, which is 1/t only where a is constant.  Its
weight decay, - a lambda y, acts on z, where Keras's, the base class's, shrinks y
before the step and so only x.  1 - beta is taken at the working precision.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.checks import fraction, not_negative, positive_fraction
from refimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class ScheduleFreeAdamW(Optimizer):
    """Keras: ``ScheduleFreeAdamW``; the slots are z and v."""

    learning_rate: float = 0.0025
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    warmup_steps: int = 0

    slot_names: ClassVar = ("momentum", "velocity")

    def __post_init__(self):
        super().__post_init__()
        positive_fraction("beta_1", self.beta_1)
        fraction("beta_2", self.beta_2)
        not_negative("epsilon", self.epsilon)
        not_negative("warmup_steps", self.warmup_steps)

    def build(self, variable):
        return variable, np.zeros_like(variable)

    def update(self, variable, gradient, slots, step, learning_rate):
        z_old, v = slots
        beta_1 = np.zeros_like(step) + self.beta_1  # (1)
        beta_2 = np.zeros_like(step) + self.beta_2  # (2)
        rate = np.zeros_like(step) + learning_rate  # (3)
        if self.warmup_steps > 0:
            rate = rate * np.minimum(step / self.warmup_steps, 1.0)  # (4)
        v = v + (np.square(gradient) - v) * (1 - beta_2)  # (5)
        root = np.sqrt(v / (1 - beta_2**step)) + self.epsilon  # (6)
        z = z_old - rate * gradient / root  # (7)
        weight = 1 / step  # (8)
        x = (variable - (1 - beta_1) * z_old) / beta_1  # (9)
        x = (1 - weight) * x + weight * z  # (10)
        variable = (1 - beta_1) * z + beta_1 * x  # (11)
        return variable, (z, v)
