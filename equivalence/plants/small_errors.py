"""A relative error of 1e-5 in each tensor of every model and layer: found, TensorFlow blamed.

Two steps of a row are recorded; each activation, flow and gradient is then off by 1e-5 in every
element, or in its largest, in the last of these steps in which it is not 0, and goes before the
judge.  An error that no check could find, since honest sums may err by as much in that element
(L4, L5), counts as ``limited``; one of at most twice how far honest implementations were seen to
be apart there, each of whose operations is off by what the model allows (``honest``), as
``carried``.  With any other that is missed the row is not as expected.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from equivalence.arithmetic import precisions
from equivalence.arithmetic.rounding import Model
from equivalence.defects import matching, modelled
from equivalence.judge.certificate import (
    check,
    check_step,
    enclose_steps,
    rounding_model,
    take_each,
)
from equivalence.judge.resolution import smallest_errors, that_count
from equivalence.judge.verdict import DIFFERENT
from equivalence.pairs import layers, models
from equivalence.pairs.table import PAIRS
from equivalence.plants.honest import TIMES_APART, HonestRuns
from equivalence.plants.nudges import SIZE, nudged, nudges_of
from equivalence.plants.sharp import STAGES, STEPS, ExactSums, record_of, twin_of
from equivalence.plants.steps import Met, StepFinding, Told
from equivalence.steps.program import Program
from equivalence.steps.trajectory import Trajectory

ENGINE = "graph"
RECORD = "record"
SIDE = "tensorflow"  # as it is recorded, so it is to blame


@dataclass(frozen=True)
class SmallErrors:
    """The errors in all tensors of one row."""

    run: str
    group: str = "small-errors"
    tree: str = RECORD
    dtype: str = precisions.USUAL
    place: str = "each tensor"
    name: str = "1e-5 in every element, or in the largest, of each tensor"
    reason: str = ""
    step: int = 0
    wrong_side: str = SIDE

    def __str__(self):
        return f"{self.tree}: {self.run}: {self.name}"


@dataclass(frozen=True)
class Case:
    """A record with what encloses it: whole, and with sums that round nothing."""

    program: Program
    record: Trajectory
    model: Model

    @classmethod
    def of(cls, run):
        """Return the Case of a row, recorded now; with the models of known upstream defects."""
        pair = PAIRS[run]
        reference, record = record_of(pair, ENGINE)
        rows = matching(reference, twin_of(pair))
        reference = modelled(reference, rows) if rows else reference
        return cls(reference, record, rounding_model(precisions.USUAL, ENGINE))

    @cached_property
    def enclosures(self):
        return enclose_steps(self.program, self.record, self.model)

    @cached_property
    def with_exact_sums(self):
        return enclose_steps(self.program, self.record, ExactSums.of(self.model))

    @property
    def nudges(self):
        """Two of each tensor, of the last step in which it is not 0."""
        of_tensor = {}
        for step in range(STEPS):
            for nudge in nudges_of(self.record, step, SIZE, STAGES):
                of_tensor[nudge.stage, nudge.tensor, nudge.index is None] = nudge
        return list(of_tensor.values())

    def smallest(self, nudge, enclosures):
        """Return the smallest relative error that is found in one of a nudge's elements."""
        where = (slice(nudge.step, nudge.step + 1), *(nudge.index or ()))
        values = self.record.computed(nudge.stage)[nudge.tensor][where]
        return smallest_errors(values, enclosures.balls[nudge.stage][nudge.tensor][where]).min()

    def is_limited(self, nudge):
        """Say whether sums alone keep an error from being found (L4, L5)."""
        return self.smallest(nudge, self.enclosures) > nudge.size and (
            self.smallest(nudge, self.with_exact_sums) <= nudge.size
        )

    def is_carried(self, nudge):
        """Say whether honest results were found so far apart, in each element of the nudge."""
        at, where = (nudge.stage, nudge.tensor), nudge.index or ()
        values = self.record.computed(nudge.stage)[nudge.tensor][nudge.step].astype(np.float64)
        counts = that_count(np.abs(values)[None])[0]
        moved = nudge.size * np.abs(values)
        runs = HonestRuns(self.program, self.record, self.model, nudge.step)
        for ask in (runs.drawn, runs.worst):
            if ask == runs.worst and not runs.can_be_asked_for_the_worst:
                return False
            apart = ask([at])[at].reshape(values.shape)
            if np.all((TIMES_APART * apart > moved)[where] | ~counts[where]):
                return True
        return False

    @cached_property
    def of_reference(self):
        """The first Place where the reference, from what was recorded, is outside, or None."""
        step = take_each(self.program, self.record, np.asarray, self.enclosures.restarts)
        return check_step(self.program.layout, step, self.enclosures).outside

    def blamed(self, nudge):
        """Return (step, stage, tensor, wrong side) of what lies outside first, or None.

        Against what the reference makes of what the engine went on with, without the error.
        """
        theirs = check(nudged(self.record, nudge), self.enclosures).outside
        if theirs is None:
            return None
        side = SIDE if self.of_reference is None else "both"
        return theirs.step, theirs.stage, theirs.tensor, side


def find(plant):
    """Plant the errors of a row, one at a time, and return the StepFinding."""
    case = Case.of(plant.run)
    if check(case.record, case.enclosures).outside:
        return StepFinding(plant, Told("not certified", "without an error"), sound=False)
    found, limited, carried, missed = [], [], [], []
    for nudge in case.nudges:
        if case.blamed(nudge) == (nudge.step, nudge.stage, nudge.tensor, SIDE):
            found.append(nudge)
        elif case.is_limited(nudge):
            limited.append(nudge)
        elif case.is_carried(nudge):
            carried.append(nudge)
        else:
            missed.append(nudge)
    counts = (found, "found"), (limited, "limited by sums"), (carried, "carried")
    place = ", ".join(f"{len(each)} {words}" for each, words in counts if each)
    errors = [case.smallest(n, case.enclosures) for n in found]
    closest = SIZE / max(errors) if errors and max(errors) else np.inf
    told = Told(str(DIFFERENT), "; ".join(f"missed: {n}" for n in missed), Met(0, closest))
    return StepFinding(plant, told, place, bool(found) and not missed)


PLANTS = tuple(SmallErrors(row.name) for row in (*models.ROWS, *layers.ROWS))
