"""Polynomial decay as Keras has it, with t steps taken before:

    n = decay_steps
    rate = (initial_learning_rate - end_learning_rate) (1 - min(t, n) / n)^power
           + end_learning_rate

With cycle, n is the first multiple of decay_steps that t has not passed, 1 at the
start, and t counts on:

    n = decay_steps max(1, ceil(t / decay_steps))
    rate = (initial_learning_rate - end_learning_rate) (1 - t / n)^power
           + end_learning_rate

so the rate is end_learning_rate at every multiple of decay_steps but the first, 0,
and jumps up at the step after it.  Keras's words are "the first one that is bigger
than step"; its formula and code are these.  The difference of the two rates is taken
at the working precision, as Keras does.

Keras accepts a power below 0 and is infinite at the end; refused here.
"""

from dataclasses import dataclass

import numpy as np

from refimpl.checks import not_negative, positive, switch
from refimpl.schedules.schedule import Schedule


@dataclass(frozen=True)
class PolynomialDecay(Schedule):
    """Keras: ``schedules.PolynomialDecay``; the first two have no default."""

    initial_learning_rate: float
    decay_steps: float
    end_learning_rate: float = 0.0001
    power: float = 1.0
    cycle: bool = False

    def __post_init__(self):
        not_negative("initial_learning_rate", self.initial_learning_rate)
        positive("decay_steps", self.decay_steps)
        not_negative("end_learning_rate", self.end_learning_rate)
        not_negative("power", self.power)
        switch("cycle", self.cycle)

    def rate(self, iterations):
        initial = np.zeros_like(iterations) + self.initial_learning_rate  # (1)
        end = np.zeros_like(iterations) + self.end_learning_rate  # (2)
        decay_steps = self.decay_steps
        if self.cycle:
            multiplier = np.ceil(iterations / decay_steps)  # (3)
            multiplier = np.where(iterations > 0, multiplier, 1.0)  # (4)
            decay_steps = decay_steps * multiplier  # (5)
        else:
            iterations = np.minimum(iterations, decay_steps)  # (6)
        p = iterations / decay_steps  # (7)
        return (initial - end) * (1 - p) ** self.power + end  # (8)
