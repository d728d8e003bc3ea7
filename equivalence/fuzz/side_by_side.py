"""Many short runs of one row certified at once, as the steps of one run are.

An enclosure starts from the state before its step, so nothing asks that this state is the one
that the step before left.  Runs of k steps whose first begins at step 0, the second at step k
and so on are the steps of one record, with a jump of the state behind every k-th.
"""

from dataclasses import dataclass, field

import numpy as np

from equivalence.judge.certificate import enclose_steps, usage
from equivalence.steps.trajectory import STAGES, STATES, Trajectory

FINE, UNDECIDABLE, OUTSIDE = "fine", "undecidable", "outside"


@dataclass
class Jumping(Trajectory):
    """A record whose states after the steps stand beside those before them.

    weights, slots: name -> (S, ...), before each step; after: the same behind it, by kind.
    """

    after: dict = field(default_factory=dict)

    @classmethod
    def of(cls, trajectories):
        """Return the record of several, each of which begins where the one before ended."""
        computed = {k: _in_a_row([t.computed(k) for t in trajectories]) for k in STAGES}
        after = {k: computed[k] for k in STATES}
        before = {k: _in_a_row([t.before(k) for t in trajectories]) for k in STATES}
        parts = {**computed, **before}
        return cls(**parts, first_step=trajectories[0].first_step, after=after)

    def part(self, first, last):
        cut = {
            kind: {name: a[first:last] for name, a in getattr(self, kind).items()}
            for kind in STAGES
        }
        after = {
            kind: {name: a[first:last] for name, a in arrays.items()}
            for kind, arrays in self.after.items()
        }
        return Jumping(**cut, first_step=self.first_step + first, after=after)

    def computed(self, stage):
        return self.after[stage] if stage in self.after else getattr(self, stage)

    def before(self, stage):
        return getattr(self, stage)


def _in_a_row(records):
    return {name: np.concatenate([r[name] for r in records]) for name in records[0]}


@dataclass
class Outcome:
    """What came of one run: ``word``; the largest usage; where it is outside, in words."""

    word: str
    usage: float = 0.0
    where: str = ""


def outcomes(program, trajectory, model, runs, axis=0):
    """Return the Outcome of each of so many runs in one record.

    axis: where the runs are: 0, the steps in equal parts; 1, the nets of an ensemble.
    """
    enclosures = enclose_steps(program, trajectory, model)
    found = [Outcome(FINE) for _ in range(runs)]
    for stage, of_stage in enclosures.balls.items():
        for name, ball in of_stage.items():
            if np.max(ball.rad, initial=0) == np.inf:
                values = trajectory.computed(stage).get(name, ball.mid)
                _overflow(found, np.broadcast_to(ball.rad, values.shape), axis)
    for stage in STAGES:
        for name, values in trajectory.computed(stage).items():
            _note(found, values, enclosures.balls[stage][name], f"{stage} {name}", axis)
    return found


def _overflow(found, rad, axis):
    """Mark the runs of which a ball is unbounded: they are undecidable at best."""
    for outcome, some in zip(found, _by_run(np.isinf(rad), len(found), axis), strict=True):
        if some.any():
            outcome.word = UNDECIDABLE


def _note(found, values, ball, place, axis):
    """Enter into the Outcomes what one tensor's usage says.

    What is infinite or not a number in a run with an unbounded ball decides nothing (L12'').
    """
    share = usage(values, ball)
    open_ball = _by_run(np.isinf(np.broadcast_to(ball.rad, share.shape)), len(found), axis)
    share, endless = (_by_run(a, len(found), axis) for a in (share, ~np.isfinite(values)))
    overflows = np.array([[outcome.word == UNDECIDABLE] for outcome in found])
    open_ball = open_ball | (endless & overflows)
    used = np.where(open_ball, 0, np.where(np.isnan(share), np.inf, share))
    for run, largest in enumerate(used.max(axis=1, initial=0)):
        outcome = found[run]
        if largest > 1 and outcome.word != OUTSIDE:
            outcome.word, outcome.where = OUTSIDE, f"{place}, {largest:.3g} radii off"
        elif open_ball[run].any() and outcome.word == FINE:
            outcome.word = UNDECIDABLE
        outcome.usage = max(outcome.usage, float(largest))


def _by_run(array, runs, axis):
    """Return (runs, ...) of an array whose steps, or second axis, are those of the runs."""
    return np.moveaxis(array, axis, 0).reshape(runs, -1)
