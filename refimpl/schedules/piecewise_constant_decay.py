"""Piecewise constant decay as Keras has it, with t steps taken before:

    rate = values[0]    where t <= boundaries[0]
    rate = values[i]    where boundaries[i - 1] < t <= boundaries[i]
    rate = values[-1]   where boundaries[-1] < t

so the step at a boundary still has the old value.

Keras adds up products of the values with 0 and 1: the same numbers.  Its text asks
for boundaries that strictly increase and does not look: with others it returns
sums that are none of the values.  Refused here, as is an empty ``boundaries``, at
which Keras's first call raises IndexError.  The rate's dtype is that of values[0],
not of the boundaries as Keras's text has it.
"""

from dataclasses import dataclass

import numpy as np

from refimpl.checks import increasing, not_negative, one_more
from refimpl.schedules.schedule import Schedule


@dataclass(frozen=True)
class PiecewiseConstantDecay(Schedule):
    """Keras: ``schedules.PiecewiseConstantDecay``; ``values`` has one element more."""

    boundaries: tuple
    values: tuple

    def __post_init__(self):
        one_more("values", self.values, "boundaries", self.boundaries)
        increasing("boundaries", self.boundaries)
        for value in self.values:
            not_negative("each of values", value)

    def rate(self, iterations):
        rate = np.zeros_like(iterations) + self.values[-1]  # (1)
        for boundary, value in zip(self.boundaries[::-1], self.values[-2::-1]):
            rate = np.where(iterations > boundary, rate, value)  # (2)
        return rate
