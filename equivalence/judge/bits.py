"""Many runs of one program side by side: which have the same bits, where others part.

Runs fall into *classes*: those whose every weight and slot has the same bits at every step.
Bits are compared as integers: -0 and 0 are equal numbers and different bits, and a NaN has
the bits of a NaN that was made likewise.
Between two classes stands the *parting*: the first step, stage, tensor and element
in which they differ, among what both recorded.
"""

from dataclasses import asdict, dataclass

import numpy as np

from equivalence.judge.distance import largest, told_apart, ulps
from equivalence.steps.trajectory import Trajectory

# The order in which a step computes: the loss is a side branch, and comes last.
ORDER = ("activations", "flows", "gradients", "slots", "weights", "loss")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Parting:
    """Where two runs part, and how far apart they get.

    first, second: the values of the two runs there.
    ulp: their distance there; ``largest_ulp``: the largest distance of a weight at any step.
    """

    step: int
    stage: str
    tensor: str
    index: tuple
    first: float
    second: float
    ulp: float
    largest_ulp: float

    def sentence(self):
        index = ", ".join(str(i) for i in self.index)
        stage = self.stage.removesuffix("s")
        words = told_apart((self.first, self.second))
        return f"step {self.step}, {stage} {self.tensor}[{index}]: {' and '.join(words)}"

    def record(self):
        return asdict(self)


def other_bits(a, b):
    """Say elementwise where two arrays of floats of one dtype have different bits."""
    a, b = np.asarray(a), np.asarray(b)
    return _integers(a) != _integers(b)


def _integers(array):
    return array.view(f"i{array.dtype.itemsize}")


def same_bits(a, b):
    """Say whether all weights and slots of two trajectories have the same bits."""
    states = [(a.weights, b.weights), (a.slots, b.slots)]
    return not any(other_bits(x[name], y[name]).any() for x, y in states for name in x)


def first_unequal(a, b):
    """Return (step, stage, tensor, index) of the first different bits, or None.

    In the order in which a step computes, among what both recorded in one shape.
    """
    found = []
    for order, stage in enumerate(ORDER):
        x, y = a.computed(stage), b.computed(stage)
        for place, name in enumerate(x):
            if name in y and x[name].shape == y[name].shape:
                unequal = other_bits(x[name], y[name])
                steps = np.flatnonzero(unequal.reshape(len(unequal), -1).any(axis=1))
                found += [(int(steps[0]), order, place, name)] if len(steps) else []
    if not found:
        return None
    step, order, _, name = min(found)
    x, y = (each.computed(ORDER[order])[name][step] for each in (a, b))
    index = tuple(int(i) for i in np.argwhere(other_bits(x, y))[0])
    return step, ORDER[order], name, index


def part(a, b):
    """Return the Parting of two trajectories of equal length, None where all bits agree."""
    place = first_unequal(a, b)
    if place is None:
        return None
    step, stage, name, index = place
    x, y = (each.computed(stage)[name][(step, *index)] for each in (a, b))
    apart = max(largest(ulps(w, b.weights[name])) for name, w in a.weights.items())
    return Parting(step, stage, name, index, float(x), float(y), float(ulps(x, y)), apart)


@dataclass
class Class:
    """Runs whose bits agree: a letter, the names of the runs, and the first's trajectory."""

    letter: str
    names: list
    trajectory: Trajectory


def classes(trajectories):
    """Return the Classes of {name: Trajectory}, in the order in which they appear."""
    found: list[Class] = []
    for name, trajectory in trajectories.items():
        for known in found:
            if same_bits(known.trajectory, trajectory):
                known.names.append(name)
                break
        else:
            found.append(Class(_letter(len(found)), [name], trajectory))
    return found


def _letter(number):
    """Return A ... Z, then AA, AB, ..."""
    rest, last = divmod(number, len(LETTERS))
    return (_letter(rest - 1) if rest else "") + LETTERS[last]


def partings(found):
    """Return {(letter, letter): Parting} for every two classes."""
    return {
        (a.letter, b.letter): part(a.trajectory, b.trajectory)
        for i, a in enumerate(found)
        for b in found[i + 1 :]
    }
