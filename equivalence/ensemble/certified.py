"""The certificate of every net of an ensemble, and a failing net cut out and run alone.

All steps of all nets are enclosed in one pass, stacked along (steps, nets).  The judge
then speaks of one net: of what was recorded of it in the ensemble, and of a run of it
alone, which is what a person wants to see and to paste.
"""

from dataclasses import dataclass

import numpy as np

from equivalence.ensemble import nets
from equivalence.judge.certificate import enclose_steps, rounding_model, take_each, usage
from equivalence.judge.verdict import Judgement, judge
from equivalence.results.reproduce import snippet
from equivalence.steps.program import Program
from equivalence.steps.trajectory import STAGES


@dataclass
class Certificate:
    """What the enclosures say of each net.

    outside: (nets,) whether some number of either side lies outside its enclosure.
    undecided: (nets,) whether some enclosure is unbounded.
    usage: the largest share of a bounded radius that TensorFlow used.
    """

    outside: np.ndarray
    undecided: np.ndarray
    usage: float = 0.0

    def add(self, values, ball, overflowing):
        """Hold one tensor, (steps, nets, ...), against its balls; return the largest share.

        overflowing: (steps, nets), where some enclosure is unbounded: what is infinite or not a
            number there decides nothing (L12''); None where all are bounded.
        """
        share = usage(values, ball)
        largest = share.max(initial=0)
        if largest <= 1 and overflowing is None and np.max(ball.rad, initial=0) < np.inf:
            return float(largest)  # nothing to search, which would cost more than the share
        if overflowing is None:
            overflowing = np.zeros(share.shape[:2], bool)
        unbounded = np.isinf(np.broadcast_to(ball.rad, share.shape))
        there = overflowing.reshape(*overflowing.shape, *(1,) * (share.ndim - 2))
        unbounded = unbounded | (there & ~np.isfinite(values))
        self.outside |= _by_net(~unbounded & ~(share <= 1))
        self.undecided |= _by_net(unbounded)
        return float(share[~unbounded].max(initial=0))


def _by_net(mask):
    """Return for each net whether ``mask``, (steps, nets, ...), holds anywhere in it."""
    return mask.any(axis=(0, *range(2, mask.ndim)))


def certify(program, trajectory, model):
    """Return the Certificate of every step of an ensemble's trajectory, on both sides.

    The reference's side starts where the enclosures start, as the judge's does.
    """
    enclosures = enclose_steps(program, trajectory, model)
    theirs = {stage: trajectory.computed(stage) for stage in STAGES}
    ours = take_each(program, trajectory, np.asarray, enclosures.restarts)
    count = nets.size(program)
    found = Certificate(np.zeros(count, bool), np.zeros(count, bool))
    overflowing = _overflowing(enclosures, (trajectory.steps, count))
    for values, ball in _matched(theirs, enclosures.balls):
        found.usage = max(found.usage, found.add(values, ball, overflowing))
    for values, ball in _matched(program.layout.by_stage(ours), enclosures.balls):
        found.add(np.asarray(values), ball, overflowing)
    return found


def _overflowing(enclosures, shape):
    """Return in which steps of which nets some enclosure is unbounded, (steps, nets), or None."""
    found = None
    for of_stage in enclosures.balls.values():
        for ball in of_stage.values():
            radius = np.asarray(ball.rad)
            if radius.ndim >= 2 and np.max(radius, initial=0) == np.inf:
                found = np.zeros(shape, bool) if found is None else found
                found |= np.isinf(radius).any(axis=tuple(range(2, radius.ndim)))
    return found


def _matched(arrays, balls):
    """Yield (values, ball) of what was recorded and is enclosed."""
    for stage, of_stage in balls.items():
        for name in arrays[stage]:
            yield arrays[stage][name], of_stage[name]


@dataclass(frozen=True)
class Cut:
    """One net, cut out of a failing ensemble.

    number: which net; of: how many nets the ensemble has; failing: how many fail.
    program: the net alone.
    recorded: the Judgement of what was recorded of it in the ensemble.
    alone: the Judgement of a run of it alone.
    again: a Python program that runs it alone.
    """

    number: int
    of: int
    failing: int
    program: Program
    recorded: Judgement
    alone: Judgement
    again: str

    def __str__(self):
        return (
            f"net {self.number} of an ensemble of {self.of} is outside its enclosure "
            f"({self.failing} of them are)\n"
            f"in the ensemble: {_said(self.recorded)}\n"
            f"alone: {_said(self.alone)}\n\n"
            f"To run it again:\n\n{self.again}"
        )


def _said(verdict):
    return f"{verdict.verdict}: {verdict.reason}" if verdict.reason else verdict.verdict


def cut_down(program, trajectory, certificate, run_alone, pair_name, engine):
    """Return the Cut of the first failing net.

    trajectory: the ensemble's record of TensorFlow, on which the certificate was made.
    run_alone: runs a Program without the ensemble's axis for a number of steps, in the
        tape twin and ``engine``, and returns its Trajectory.
    pair_name: the pair whose network and optimizer class the program has.
    """
    number = int(np.argmax(certificate.outside))
    one = nets.net(program, number)
    steps = trajectory.first_step + trajectory.steps
    records = nets.record_of(trajectory, number), run_alone(one, steps)
    recorded, alone = (judge(one, r, model=rounding_model(one.dtype, engine)) for r in records)
    first = alone.first or recorded.first
    return Cut(
        number=number,
        of=nets.size(program),
        failing=int(certificate.outside.sum()),
        program=one,
        recorded=recorded,
        alone=alone,
        again=snippet(one, pair_name, "tape", engine, first.step + 1 if first else steps),
    )
