"""How small a relative error is found in each tensor, and what its sums allow.

``python -m equivalence.plants.sharp`` records two steps of every model in float32 and lists each
activation, flow and gradient of which every element could be wrong by 1e-5 inside its ball.  Each
is enclosed a second time, with sums that round nothing: n terms in any order may err by what L4
and L5 have, however they are computed, and what is sharp without that is limited by them alone.
The counts are of elements that are not negligible in their tensor (``resolution``).
"""

import argparse
import sys
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from equivalence.arithmetic.history import as_product
from equivalence.arithmetic.rounding import Model
from equivalence.judge.certificate import enclose_steps, rounding_model
from equivalence.judge.resolution import smallest_errors
from equivalence.pairs import layers, models
from equivalence.plants.nudges import SIZE
from equivalence.steps.program import program

STAGES = ("activations", "flows", "gradients")
STEPS = 2
GROUPS = {"models": models.ROWS, "layers": layers.ROWS}


@dataclass
class ExactSums(Model):
    """A rounding model whose sums and matmuls round nothing; what it encloses is not honest."""

    def rounds_in_sum(self, terms, magnitude, size):
        """Return 0 where L5 has what the additions may round."""
        return np.zeros(np.broadcast_shapes(np.shape(magnitude), np.shape(size)))

    def rounds_in_products(self, terms, magnitude, size):
        """Return 0 where L4 has what products and additions may round."""
        return self.rounds_in_sum(terms, magnitude, size)

    @classmethod
    def of(cls, model):
        """Return the same model otherwise."""
        return cls(model.dtype, model.platforms, model.compilers, tf32=model.tf32)


class Sharpness(NamedTuple):
    """How small a relative error of each element of one tensor is found; see ``resolution``.

    errors: of each element that is not negligible, flat: every error above it is found.
    without_sums: the same, were its sums exact.
    negligible: how many elements have none.
    terms: of the last sum, the most that any element has; 1 where the last operation is no sum.
    """

    stage: str
    tensor: str
    errors: np.ndarray
    without_sums: np.ndarray
    negligible: int
    terms: int

    def limited(self, size=SIZE):
        """Return of which elements an error would pass because of their sums: L4, L5."""
        return (self.errors > size) & (self.without_sums <= size)

    def blunt(self, size=SIZE):
        """Return of which elements an error would pass, whatever their sums."""
        return (self.errors > size) & (self.without_sums > size)

    def passes_in_all(self, size=SIZE):
        """Say whether an error in all elements would pass."""
        return bool(self.errors.min() > size)


def measure(reference, record, model):
    """Return the Sharpness of every activation, flow and gradient of a record that counts."""
    balls = enclose_steps(reference, record, model).balls
    without = enclose_steps(reference, record, ExactSums.of(model)).balls
    found = []
    for stage in STAGES:
        for name, values in record.computed(stage).items():
            ball = balls[stage][name]
            errors = smallest_errors(values, ball)
            if errors.size:
                others = smallest_errors(values, without[stage][name])
                missing = values.size - errors.size
                found.append(Sharpness(stage, name, errors, others, missing, terms_of(ball)))
    return found


def terms_of(ball):
    """Return how many terms the sum has that a ball is, the most of any element; 1 for none."""
    last = ball.added() if ball.added else as_product(ball)
    return int(np.max(last.terms, initial=0))


def twin_of(pair):
    """Return the twin of a row that is recorded: Keras's, if it has one in every engine."""
    return "keras" if pair.keras and not pair.in_turn else "tape"


def record_of(pair, engine, dtype="float32"):
    """Return a row's program and the record of its first steps: Keras's, else the tape twin's."""
    from equivalence.engines import build

    reference = program(pair, dtype)
    runner = build.runner(pair, reference, twin_of(pair), engine)
    return reference, runner.run(reference, runner.start(reference), STEPS)


def describe(one, size=SIZE):
    """Say how sharp a tensor is in its sharpest element, and what limits it."""
    sharp, without = float(one.errors.min()), float(one.without_sums.min())
    words = f"{one.stage:11} {one.tensor:35} sharp to {sharp:.1e}, {without:.1e} without"
    which = f"its sum of {one.terms}" if one.terms > 1 else "its sums"
    return f"{words} what L4 and L5 allow {which}"


def main(argv=None):
    """Print the list and the counts; 0."""
    options = argparse.ArgumentParser("python -m equivalence.plants.sharp", description=__doc__)
    options.add_argument("rows", nargs="*", help="names of rows; all of the group if none is given")
    options.add_argument("--group", choices=tuple(GROUPS), default="models")
    options.add_argument("--engine", choices=("eager", "graph"), default="graph")
    options.add_argument("--size", type=float, default=SIZE, help="the relative error")
    given = options.parse_args(argv)
    size, each = given.size, []
    for pair in GROUPS[given.group]:
        if given.rows and pair.name not in given.rows:
            continue
        reference, record = record_of(pair, given.engine)
        of_row = measure(reference, record, rounding_model("float32", given.engine))
        for one in of_row:
            if one.passes_in_all(size):
                print(f"{pair.name:32} {describe(one)}", flush=True)
        each += of_row
    for line in summary(each, size):
        print(line)
    return 0


def summary(each, size=SIZE):
    """Return the lines that count what would let an error pass, and why."""
    all_ = [one for one in each if one.passes_in_all(size)]
    by_sums = sum(not one.blunt(size).all() for one in all_)
    some = sum(bool((one.errors > size).any()) for one in each)
    count = sum(one.errors.size for one in each)
    limited = sum(int(one.limited(size).sum()) for one in each)
    blunt = sum(int(one.blunt(size).sum()) for one in each)
    negligible = sum(one.negligible for one in each)
    medians = np.array([np.median(one.errors) for one in each])
    return (
        f"{len(each)} tensors: {len(all_)} would let {size:g} in all elements pass, "
        f"{by_sums} of them because of their sums; {some} in some one element",
        f"{count} elements, and {negligible} below 2^-10 of their tensor's largest, which do not "
        f"count: in {limited} {size:g} would pass because of their sums, in {blunt} because of "
        "other roundings that a difference carries",
        f"the median of a tensor's elements is sharp to {np.median(medians):.1e} in half of the "
        f"tensors, to {np.quantile(medians, 0.9):.1e} in nine of ten (in u: "
        f"{np.median(medians) * 2**24:.0f} and {np.quantile(medians, 0.9) * 2**24:.0f})",
    )


if __name__ == "__main__":
    sys.exit(main())
