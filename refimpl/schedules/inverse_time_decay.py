"""Inverse time decay as Keras has it, with t steps taken before:

p = t / decay_steps, rounded down with staircase
rate = initial_learning_rate / (1 + decay_rate p)
"""

from dataclasses import dataclass

import numpy as np

from refimpl.checks import not_negative, positive, switch
from refimpl.schedules.schedule import Schedule


@dataclass(frozen=True)
class InverseTimeDecay(Schedule):
    """Keras: ``schedules.InverseTimeDecay``; only staircase has a default."""

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
        return self.initial_learning_rate / (1 + self.decay_rate * p)  # (3)
