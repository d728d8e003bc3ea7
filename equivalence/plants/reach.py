"""Whether every activation and gradient is as sharp as it should be, and where not, why.

``python -m equivalence.plants.reach`` records two steps of every layer's and model's row in
float32, by every engine asked for, prints what is not sharp to 64 u with its reason, and the
counts; 1 if a tensor is so without a reason, and stands in no table.

A tensor is sharp where the median of its elements' resolution is at most 64 u.  One that is not
needs a reason, which is computed:

* ``SUM``: it is a sum of n terms, n counted from what was multiplied or added, and its median is
  at most 4 gamma_n;
* ``APART``: its median is at most twice what honest results were found to lie apart from each
  other, in the median of its elements (``honest``): no enclosure that is sound by the same model
  could find all errors of half of it;
* ``WIDE``: neither; its ball is wider than that.  Those are named in ``WIDE_BALLS``, and nothing
  else may be so: it is where to sharpen next.

How far a tensor is beyond all of these, its ``excess``, is a number, which other processors have
a little otherwise: what they round is another bit.  So the table also names what is nearly wide,
and what stands there without need (``stale``) is what is far from it.
"""

import argparse
import sys
from collections import Counter
from typing import NamedTuple

import numpy as np

from equivalence.defects import matching, modelled
from equivalence.judge.certificate import enclose_steps, rounding_model
from equivalence.judge.resolution import smallest_errors, that_count
from equivalence.plants.honest import TIMES_APART, HonestRuns
from equivalence.plants.sharp import GROUPS, record_of, terms_of, twin_of
from equivalence.plants.tables.wide_balls import WIDE_BALLS

STAGES = ("activations", "gradients")
ENGINES = ("eager", "graph")
MOST = 64  # in u: what the median of a tensor's elements is sharp to, at least
TIMES = 4  # of gamma_n, for a sum over n
# By what factor the excess of a tensor may differ from processor to processor.
PROCESSORS = 1.25

SHARP = "sharp"
SUM = "a sum"
APART = "honest results are apart"
WIDE = "a wide ball"
REASONS = (SHARP, SUM, APART, WIDE)


class Reach(NamedTuple):
    """How sharp a tensor is in its median, in u, and the reason where that is above 64.

    terms: of the sum that it is, and of_sum: what these allow, in u.
    apart: how far from each other honest results were found, in the median of the elements, in
    u; None where that was not asked.
    """

    stage: str
    tensor: str
    median: float
    terms: int
    of_sum: float
    apart: float | None = None

    @property
    def reason(self):
        if self.median <= MOST:
            return SHARP
        if self.median <= self.of_sum:
            return SUM
        return APART if self.excess <= 1 else WIDE

    @property
    def excess(self):
        """How many times as wide it is as the reason allows that allows most; wide above 1."""
        allowed = max(MOST, self.of_sum, TIMES_APART * (self.apart or 0))
        return self.median / allowed

    def __str__(self):
        apart = "" if self.apart is None else f", honest results {self.apart:.3g} u apart"
        of_terms = f", a sum of {self.terms}" if self.terms > 1 else ""
        words = f"{self.stage} {self.tensor} {self.median:.3g} u"
        return f"{words}{of_terms}{apart}: {self.reason}"


def reach(reference, record, model):
    """Return the Reach of every activation and gradient of a record that counts."""
    balls = enclose_steps(reference, record, model).balls
    found = []
    for stage in STAGES:
        for name, values in record.computed(stage).items():
            ball = balls[stage][name]
            errors = smallest_errors(values, ball)
            if errors.size:
                terms = terms_of(ball)
                of_sum = TIMES * float(model.gamma(terms)) / model.unit
                median = float(np.median(errors)) / model.unit
                found.append(Reach(stage, name, median, terms, of_sum))
    asked = {(one.stage, one.tensor): one for one in found if is_nearly_wide(one)}
    apart = apart_of(reference, record, model, asked) if asked else {}
    return [one._replace(apart=apart.get((one.stage, one.tensor))) for one in found]


def apart_of(reference, record, model, tensors):
    """Return (stage, tensor) -> how far apart honest results are, the median in u.

    tensors: (stage, tensor) -> its Reach.  Runs drawn at random are enough for most; the others
    are asked for the worst of each element.
    """
    steps = [HonestRuns(reference, record, model, step) for step in range(record.steps)]
    drawn = [runs.drawn(tensors) for runs in steps]
    found = {at: _median(record, at, [own[at] for own in drawn], model) for at in tensors}
    left = [at for at, one in tensors.items() if is_nearly_wide(one._replace(apart=found[at]))]
    if left and all(runs.can_be_asked_for_the_worst for runs in steps):
        worst = [runs.worst(left) for runs in steps]
        for at in left:
            found[at] = max(found[at], _median(record, at, [own[at] for own in worst], model))
    return found


def is_nearly_wide(one):
    """Say of a Reach whether it may be wide on another processor."""
    return one.excess > 1 / PROCESSORS


def _median(record, at, apart, model):
    """Return the median of how far apart elements got, relative to them, of those that count."""
    stage, name = at
    size = np.abs(record.computed(stage)[name].astype(np.float64))
    counts = that_count(size)
    apart = np.stack([own.reshape(size.shape[1:]) for own in apart])
    return float(np.median(apart[counts] / size[counts])) / model.unit


def reach_of(pair, engine):
    """Return the Reach of all tensors of a row, with the models of known upstream defects."""
    reference, record = record_of(pair, engine)
    rows = matching(reference, twin_of(pair))
    reference = modelled(reference, rows) if rows else reference
    return reach(reference, record, rounding_model("float32", engine))


def unexpected(row, reached):
    """Return those of a row that are not sharp, without a reason, and stand in no table."""
    known = WIDE_BALLS.get(row, ())
    return [one for one in reached if one.reason == WIDE and one.tensor not in known]


def stale(row, reached):
    """Return which tensors the table names for a row that are wide by far in nothing reached.

    reached: of all engines.
    """
    wide = {one.tensor for one in reached if one.excess > 1 / PROCESSORS**2}
    return [tensor for tensor in WIDE_BALLS.get(row, ()) if tensor not in wide]


def main(argv=None):
    """Print what is not sharp, and the counts; 1 if a tensor is so that stands in no table."""
    options = argparse.ArgumentParser("python -m equivalence.plants.reach", description=__doc__)
    options.add_argument("rows", nargs="*", help="names of rows; all if none is given")
    options.add_argument("--group", action="append", choices=tuple(GROUPS), help="all if not given")
    options.add_argument("--engine", action="append", choices=ENGINES, help="both if not given")
    given = options.parse_args(argv)
    pairs = [pair for group in given.group or GROUPS for pair in GROUPS[group]]
    counts, unknown = Counter(), []
    for pair in pairs:
        if given.rows and pair.name not in given.rows:
            continue
        for engine in given.engine or ENGINES:
            reached = reach_of(pair, engine)
            counts.update(one.reason for one in reached)
            unknown += unexpected(pair.name, reached)
            for one in reached:
                if one.reason != SHARP or is_nearly_wide(one):
                    print(f"{pair.name:36} {engine:6} {one}", flush=True)
    print(f"{sum(counts.values())} tensors:", ", ".join(f"{counts[r]} {r}" for r in REASONS))
    print(f"{len(unknown)} of the wide balls stand in no table")
    return int(bool(unknown))


if __name__ == "__main__":
    sys.exit(main())
