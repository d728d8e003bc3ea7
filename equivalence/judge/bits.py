"""Many runs of one program side by side: which have the same bits, where others part.

Runs fall into *classes*: those whose every weight and slot is equal at every step.
Between two classes stands the *parting*: the first step, stage, tensor and element
in which they differ, among what both recorded.
"""

from dataclasses import asdict, dataclass

import numpy as np

from equivalence.judge.distance import largest, told_apart, ulps
from equivalence.judge.verdict import same_bits
from equivalence.steps.trajectory import Trajectory

# The order in which a step computes: the loss is a side branch, and comes last.
ORDER = ("activations", "gradients", "slots", "weights", "loss")
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


def part(a, b):
    """Return the Parting of two trajectories of equal length, None where all bits agree."""
    found = [
        (int(steps[0]), ORDER.index(stage), name)
        for stage in ORDER
        for name in _common(a, b, stage)
        if len(steps := _unequal_steps(a.computed(stage)[name], b.computed(stage)[name]))
    ]
    if not found:
        return None
    step, order, name = min(found)
    stage = ORDER[order]
    x, y = a.computed(stage)[name][step], b.computed(stage)[name][step]
    index = tuple(int(i) for i in np.argwhere(_unequal(x, y))[0])
    apart = [largest(ulps(w, b.weights[name])) for name, w in a.weights.items()]
    return Parting(
        step,
        stage,
        name,
        index,
        float(x[index]),
        float(y[index]),
        float(ulps(x[index], y[index])),
        max(apart),
    )


def _common(a, b, stage):
    """Return the tensors of a stage that both runs recorded in one shape."""
    x, y = a.computed(stage), b.computed(stage)
    return [name for name in x if name in y and x[name].shape == y[name].shape]


def _unequal(x, y):
    return (x != y) & ~(np.isnan(x) & np.isnan(y))


def _unequal_steps(x, y):
    return np.flatnonzero(_unequal(x, y).reshape(len(x), -1).any(axis=1))


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
