"""Both sides run freely, side by side, and are compared at every step.

Each side goes on from its own last state; nothing is corrected, so a distance may grow.
The run is cut into blocks of steps, which alone are held in memory: a block of
TensorFlow's is one call of its compiled loop, on a thread of its own, while NumPy runs
the same steps and compares.  Neither side waits for the numbers of the other.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from equivalence.ensemble import nets
from equivalence.judge.distance import ulps
from equivalence.steps import numpy as numpy_runner
from equivalence.steps.trajectory import STAGES

# Numbers that one side records in a block: 8 MiB in float32.  Larger blocks leave the
# processor's caches, smaller ones are calls more than they are arithmetic.
BLOCK_NUMBERS = 2**21
MOST_STEPS = 1000  # of a small ensemble, whose record is more objects than numbers


def block_steps(program):
    """Return how many steps of an ensemble make a block."""
    one = numpy_runner.run(program, program.start(), 1)
    recorded = (array for stage in STAGES for array in getattr(one, stage).values())
    numbers = sum(array[-1].size for array in recorded)
    return min(MOST_STEPS, max(1, BLOCK_NUMBERS // numbers))


def blocks(program, runner, count, steps):
    """Yield (ours, theirs), the Trajectories of ``count`` blocks of ``steps`` steps each."""
    our_state, their_state = program.start(), runner.start(program)
    with ThreadPoolExecutor(1) as beside:
        running = beside.submit(runner.run, program, their_state, steps)
        for left in reversed(range(count)):
            ours = numpy_runner.run(program, our_state, steps)
            theirs = running.result()
            our_state, their_state = ours.last_state, theirs.last_state
            if left:
                running = beside.submit(runner.run, program, their_state, steps)
            yield ours, theirs


@dataclass
class Distance:
    """How far two free-running sides of an ensemble are apart, as far as they have run.

    epoch_steps: steps an epoch.
    steps: steps of every net that were compared.
    numbers: weights and slots that were compared, one by one.
    ulp: the largest distance, in ULP.
    by_epoch: epoch -> the largest distance up to its end, for the epochs 1, 2, 5, 10, ...
    parted: (nets,) whether a net's bits have ever been different.
    """

    epoch_steps: int
    parted: np.ndarray
    steps: int = 0
    numbers: int = 0
    ulp: float = 0.0
    by_epoch: dict = field(default_factory=dict)

    @classmethod
    def of(cls, program):
        """Return the Distance before the first step."""
        return cls(len(program.inputs), np.zeros(nets.size(program), bool))

    def add(self, ours, theirs):
        """Compare every weight and slot of every net after every step of a block."""
        worst = np.zeros(theirs.steps)
        for stage in ("weights", "slots"):
            for name, array in theirs.computed(stage).items():
                other = ours.computed(stage)[name]
                self.numbers += array.size
                self._add(array, other, array != other, worst)
        reached = np.maximum.accumulate(np.append(self.ulp, worst))[1:]
        for step, ulp in enumerate(reached, start=self.steps + 1):
            epoch, rest = divmod(step, self.epoch_steps)
            if rest == 0 and is_round(epoch):
                self.by_epoch[epoch] = float(ulp)
        self.steps += theirs.steps
        self.ulp = float(reached[-1])

    def _add(self, array, other, differs, worst):
        """Raise ``worst``, (steps,), to the distances of the elements that differ."""
        steps, which = np.nonzero(differs)[:2]
        np.maximum.at(worst, steps, ulps(array[differs], other[differs]))
        self.parted[which] = True


def is_round(number):
    """Say whether a number above 0 is 1, 2 or 5 times a power of ten."""
    return str(number).rstrip("0") in ("1", "2", "5")
