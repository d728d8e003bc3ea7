"""Exponential decay as Keras has it, with t steps taken before:

    p = t / decay_steps, rounded down with staircase
    rate = initial_learning_rate decay_rate^p

So the rate is multiplied by decay_rate once in decay_steps steps, all the while
or, with staircase, at once at every multiple of decay_steps.
"""

from dataclasses import dataclass

import numpy as np

from refimpl.checks import not_negative, positive, switch
from refimpl.schedules.schedule import Schedule


@dataclass(frozen=True)
class ExponentialDecay(Schedule):
    """Keras: ``schedules.ExponentialDecay``; only staircase has a default."""

    initial_learning_rate: float
    decay_steps: float
    decay_rate: float
    staircase: bool = False

    def __post_init__(self):
        not_negative("initial_learning_rate", self.initial_learning_rate)
        positive("decay_steps", self.decay_steps)
        not_negative("decay_rate", self.decay_rate)
        switch("staircase", self.staircase)

    def rate(self, iterations):
        p = iterations / self.decay_steps  # (1)
        if self.staircase:
            p = np.floor(p)  # (2)
        return self.initial_learning_rate * self.decay_rate**p  # (3)
