"""How far apart honest results of a stage may be.

A radius may be as wide as it is because the enclosure is blunt, or because honest results do lie
that far apart.  Here a step is taken, stage by stage from what was recorded, by an implementation
each of whose operations is off by what the rounding model allows (``arithmetic/aside.py``): up
or down at random, or all in the directions that move one element the same way, which each
rounding alone has shown.  Either is one honest run, and so is the one that rounds the other way
everywhere.
"""

from dataclasses import replace

import numpy as np

from equivalence.arithmetic.aside import Roundings
from equivalence.arithmetic.enclosed import enclose
from equivalence.judge.stages import take_stages
from equivalence.steps.numpy import Steps

# How many numbers an array of all samples may have at once.
AT_ONCE = 2**22
# How many runs are drawn at random; each has its opposite, which rounds the other way everywhere.
DRAWN = 16
# Up to how many roundings of a step each is taken alone.
MOST_PLACES = 20_000
# How many times as far as honest results lie apart a ball may reach: no sound one could be
# that many times as sharp.
TIMES_APART = 2


class HonestRuns:
    """Honest runs of one step of a record, each stage of it from what was recorded.

    middle: (stage, tensor) -> the results without any rounding.
    places: how many roundings there are.
    """

    def __init__(self, program, record, model, step):
        self.program = replace(program, network=enclose(program.network))
        self.record, self.model, self.step = record, model, step
        exact = Roundings(model, 1)
        self.middle = {at: values[0] for at, values in self._taken(exact).items()}
        self.places = exact.places
        self.largest = max(values.size for values in self.middle.values())

    @property
    def can_be_asked_for_the_worst(self):
        """Whether each rounding can be taken alone."""
        return self.places <= MOST_PLACES

    def _taken(self, roundings):
        """Return (stage, tensor) -> (samples, ...) of what the runs computed."""
        count = roundings.samples
        which = np.full(count, self.step)
        numbers = self.record.first_step + which
        steps = Steps(self.program, self.record, which, numbers, roundings.array)
        with np.errstate(all="ignore"):
            found = self.program.layout.by_stage(take_stages(steps))
        return {
            (stage, name): np.broadcast_to(result.value, (count, *result.shape[1:]))
            for stage, results in found.items()
            for name, result in results.items()
        }

    def drawn(self, tensors):
        """Return of each (stage, tensor) how far apart its elements are in runs at random."""
        rng = np.random.default_rng(0)
        count = self._at_once(max(self.places, self.largest))
        found = {at: np.zeros(self.middle[at].shape) for at in tensors}
        for first in range(0, DRAWN, count):
            shares = rng.choice([-1.0, 1.0], (min(count, DRAWN - first), self.places))
            both = self._both_ways(shares)
            for at, farthest in found.items():
                apart = np.abs(both[0][at] - both[1][at]).max(axis=0)
                found[at] = np.maximum(farthest, apart)
        return found

    def _both_ways(self, shares):
        """Return what runs compute with shares, and what their opposites do."""
        each = (Roundings(self.model, len(own), own) for own in (shares, -shares))
        return tuple(self._taken(roundings) for roundings in each)

    def worst(self, tensors):
        """Return of each (stage, tensor) how far apart each element gets in two runs for it."""
        return {at: self._worst(at, moved) for at, moved in self.moved_by_each(tensors).items()}

    def moved_by_each(self, tensors):
        """Return of each (stage, tensor) what each rounding alone moves, (places, elements)."""
        count = self._at_once(self.largest)
        found = {at: [] for at in tensors}
        for first in range(0, self.places, count):
            samples = min(count, self.places - first)
            taken = self._taken(Roundings(self.model, samples, np.eye(samples), first))
            for at, moved in found.items():
                moved.append((taken[at] - self.middle[at]).reshape(samples, -1))
        return {at: np.concatenate(moved) for at, moved in found.items()}

    def _worst(self, at, moved):
        apart = np.empty(moved.shape[1])
        count = self._at_once(max(self.places, self.largest))
        for first in range(0, len(apart), count):
            own = np.arange(first, min(first + count, len(apart)))
            up, down = (taken[at] for taken in self._both_ways(np.sign(moved[:, own]).T))
            apart[own] = np.abs(up - down).reshape(len(own), -1)[own - first, own]
        return apart.reshape(self.middle[at].shape)

    def _at_once(self, size):
        return max(1, AT_ONCE // max(size, 1))
