"""The table of axes: which runs there are of one pair, and what came out of them.

Twin, engine, device and every switch is an axis.  By default the table varies one
switch at a time from TensorFlow's own setting; asked for switches by name it runs
those settings.
"""

from dataclasses import dataclass

from equivalence.engines.table import NAMES
from equivalence.judge import bits
from equivalence.machine import switches
from equivalence.results.result import Result
from equivalence.runs.run import find, reference_program, steps_of
from equivalence.steps import numpy as numpy_runner

# The name of the NumPy run among the others.
NUMPY = "NumPy"
# Steps that every run of a table takes, so that trajectories can be laid side by side.
STEPS = 20
ENGINES = tuple(name for name in NAMES if name != "mirrored")  # all but those of all devices
# TensorFlow's own setting, and every other value of one switch at a time.  The number of
# threads that TensorFlow takes by itself is the machine's: so both are set.
SETTINGS = (
    (),
    (("onednn", "off"),),
    (("deterministic", "on"),),
    (("tf32", "off"),),
    (("threads", "1"),),
    (("threads", "2"),),
)


def epochs(pair):
    """Return how many epochs each run of a table takes by default."""
    return max(1, min(pair.epochs, STEPS // pair.steps_per_epoch))


@dataclass
class Row:
    """One run of the table: its result, and its trajectory where it has one."""

    result: Result
    trajectory: object = None

    @property
    def name(self):
        """The run within its table."""
        spec = self.result.spec
        return f"{spec.twin}/{spec.engine} {spec.device} {switches.label(spec.switches)}"


@dataclass
class Joined:
    """The rows of one pair and dtype, their classes of equal bits, and the partings."""

    pair: str
    dtype: str
    rows: list
    classes: list
    partings: dict

    def letter(self, name):
        """Return the letter of the class of a run; "" for a run that broke off."""
        return next((c.letter for c in self.classes if name in c.names), "")

    def record(self):
        """Return what the results file holds of the table."""
        return {
            "table": f"{self.pair} {self.dtype}",
            "classes": {c.letter: c.names for c in self.classes},
            "partings": {
                f"{a} {b}": parting and parting.record()
                for (a, b), parting in self.partings.items()
            },
        }


def joined(rows, with_numpy=True):
    """Return the Joined table of rows that are runs of one pair, dtype, seed and length."""
    spec = rows[0].result.spec
    trajectories = {NUMPY: numpy_trajectory(spec)} if with_numpy else {}
    trajectories |= {row.name: row.trajectory for row in rows if row.trajectory}
    found = bits.classes(trajectories)
    return Joined(spec.pair, spec.dtype, rows, found, bits.partings(found))


def numpy_trajectory(spec):
    """Return the trajectory of the reference by itself."""
    pair = find(spec.pair)
    reference = reference_program(spec, pair)
    steps = steps_of(spec, pair, len(reference.inputs))
    return numpy_runner.run(reference, reference.start(), steps)
