"""Which tensors of the models would let a relative error pass, and what their sums allow.

``python -m equivalence.plants.sharp`` records two steps of every model in float32 and lists each
activation, flow and gradient of which every element could be wrong by 1e-5 inside its ball.
Beside it stands what L4 and L5 allow the last sum that makes it, had it exact operands: n terms in
any order may err by so much, however each was computed before.
"""

import argparse
import sys
from typing import NamedTuple

import numpy as np

from equivalence.arithmetic.history import as_product
from equivalence.judge.certificate import enclose_steps, rounding_model
from equivalence.judge.resolution import smallest_errors, that_count
from equivalence.pairs.models import ROWS
from equivalence.plants.nudges import SIZE
from equivalence.steps.program import program

STAGES = ("activations", "flows", "gradients")
STEPS = 2


class Sharpness(NamedTuple):
    """How small a relative error of one tensor is found.

    sharpest, bluntest: the smallest that is found in the element where it is easiest, and
        in the one where it is hardest; every error above the first is found in all elements.
    terms: of the last sum, the most that any element has; 1 where it is no sum.
    allowed: what such a sum of exact numbers may err by in any order, relative to the element
        where that is least.
    """

    stage: str
    tensor: str
    sharpest: float
    bluntest: float
    terms: int
    allowed: float


def measure(reference, record, model):
    """Return the Sharpness of every activation, flow and gradient of a record that counts."""
    balls = enclose_steps(reference, record, model).balls
    found = []
    for stage in STAGES:
        for name, values in record.computed(stage).items():
            errors = smallest_errors(values, balls[stage][name])
            if errors.size:
                terms, allowed = _of_last_sum(values, balls[stage][name], model)
                extremes = float(errors.min()), float(errors.max())
                found.append(Sharpness(stage, name, *extremes, terms, allowed))
    return found


def _of_last_sum(values, ball, model):
    """Return the most terms of the sum that makes a ball, and what it may err by, relatively."""
    last, size = ball.added() if ball.added else as_product(ball), np.abs(values.astype(float))
    terms = np.broadcast_to(last.terms, size.shape)
    may = model.rounds_in_sum(terms, np.broadcast_to(last.magnitude, size.shape), size)
    counts = that_count(size)
    return int(terms.max(initial=0)), float((may[counts] / size[counts]).min())


def record_of(pair, engine, dtype="float32"):
    """Return a row's program and the record of its first steps: Keras's, else the tape twin's."""
    from equivalence.engines import build

    reference = program(pair, dtype)
    twin = "keras" if pair.keras and not pair.in_turn else "tape"
    runner = build.runner(pair, reference, twin, engine)
    return reference, runner.run(reference, runner.start(reference), STEPS)


def main(argv=None):
    """Print the list and the counts; 0."""
    options = argparse.ArgumentParser("python -m equivalence.plants.sharp", description=__doc__)
    options.add_argument("rows", nargs="*", help="names of models; all if none is given")
    options.add_argument("--engine", choices=("eager", "graph"), default="graph")
    options.add_argument("--size", type=float, default=SIZE, help="the relative error")
    given = options.parse_args(argv)
    count = blunt = in_one = 0
    for pair in ROWS:
        if given.rows and pair.name not in given.rows:
            continue
        reference, record = record_of(pair, given.engine)
        each = measure(reference, record, rounding_model("float32", given.engine))
        count += len(each)
        in_one += sum(one.bluntest > given.size for one in each)
        for one in each:
            if one.sharpest > given.size:
                blunt += 1
                allows = f"its sum of {one.terms} allows {one.allowed:.1e}"
                words = allows if one.terms > 1 else "which no sum makes last"
                tensor = f"{pair.name:32} {one.stage:11} {one.tensor:35}"
                print(f"{tensor} sharp to {one.sharpest:.1e}, {words}", flush=True)
    print(
        f"{count} tensors: {blunt} would let {given.size:g} in all elements pass, "
        f"{in_one} in some one element"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
