"""The table of learning-rate schedules that are tried, and the balls of their rates."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from equivalence import trees
from equivalence.arithmetic.enclosed import with_balls
from equivalence.defects.schedules import xla_fuses
from equivalence.judge.certificate import rounding_model, usage

STEPS = 120
ITERATIONS = np.arange(STEPS)


@dataclass(frozen=True)
class Row:
    """One schedule, every hyperparameter off its default.

    make: builds it in either tree.
    ieee: whether only IEEE operations occur, so that eager bits agree.
    wrong: {(engine, working dtype): iterations} at which TensorFlow is wrong.
    late: the same, for what Keras's class alone gets wrong.
    fused: whether under XLA it is wrong so only where XLA multiplies and adds with one rounding;
        elsewhere it is wrong there where a graph is.
    """

    name: str
    make: Callable
    ieee: bool = False
    wrong: dict = field(default_factory=dict)
    late: dict = field(default_factory=dict)
    fused: bool = False

    def wrong_in(self, run):
        as_graph = self.fused and run.engine == "xla" and not xla_fuses()
        where = "graph" if as_graph else run.engine, run.working
        return self.wrong.get(where, ()) + (self.late.get(where, ()) if run.is_keras else ())


def compiled(dtype, *iterations):
    """Return where a row is wrong if a graph and XLA are wrong at the same iterations."""
    return {("graph", dtype): iterations, ("xla", dtype): iterations}


ROWS = (
    Row("exponential", lambda m: m.ExponentialDecay(0.3, 7, 0.7)),
    Row("exponential-staircase", lambda m: m.ExponentialDecay(0.3, 16, 0.7, True)),
    Row(
        "exponential-staircase-41",
        lambda m: m.ExponentialDecay(0.3, 41, 0.7, True),
        wrong=compiled("float32", 41, 82),
    ),
    Row(
        "exponential-staircase-49",
        lambda m: m.ExponentialDecay(0.3, 49, 0.7, True),
        wrong=compiled("float64", 49, 98),
    ),
    Row("inverse-time", lambda m: m.InverseTimeDecay(0.3, 7, 0.7), ieee=True),
    Row("inverse-time-staircase", lambda m: m.InverseTimeDecay(0.3, 16, 0.7, True), ieee=True),
    Row(
        "inverse-time-staircase-41",
        lambda m: m.InverseTimeDecay(0.3, 41, 0.7, True),
        ieee=True,
        wrong=compiled("float32", 41, 82),
    ),
    Row(
        "piecewise-constant",
        lambda m: m.PiecewiseConstantDecay((10, 35, 36), (0.3, 0.7, 0.1, 0.01)),
        ieee=True,
    ),
    Row("polynomial", lambda m: m.PolynomialDecay(0.3, 64, 0.01, 0.5)),
    Row("polynomial-square", lambda m: m.PolynomialDecay(0.3, 41, 0.01, 2.0)),
    Row(
        "polynomial-41",
        lambda m: m.PolynomialDecay(0.3, 41, 0.01, 0.5),
        wrong={
            ("graph", "float32"): tuple(range(41, STEPS)),
            ("xla", "float32"): (41,),  # and later, see SETTLED
            ("xla", "float64"): (41,),
        },
        fused=True,
    ),
    Row(
        "polynomial-7",
        lambda m: m.PolynomialDecay(0.3, 7, 0.01, 0.5),
        wrong={("xla", "float32"): (7,), ("xla", "float64"): (7,)},
        fused=True,
    ),
    Row("polynomial-cycle", lambda m: m.PolynomialDecay(0.3, 16, 0.01, 1.7, True)),
    Row(
        "polynomial-cycle-7",
        lambda m: m.PolynomialDecay(0.3, 7, 0.01, 1.7, True),
        wrong=compiled("float32", 21, 42, 49, 77, 84, 91, 98, 105),
    ),
    Row("cosine", lambda m: m.CosineDecay(0.3, 41, 0.1)),
    Row("cosine-warmup", lambda m: m.CosineDecay(0.1, 41, 0.1, 0.7, 13)),
    Row("cosine-warmup-1", lambda m: m.CosineDecay(0.1, 41, 0.1, 0.7, 1)),
    Row("cosine-warmup-0", lambda m: m.CosineDecay(0.1, 41, 0.1, 0.7, 0)),
    Row(
        "restarts",
        lambda m: m.CosineDecayRestarts(0.3, 8, 2.0, 0.7, 0.1),
        late=compiled("float64", 56),
    ),
    Row("restarts-1.5", lambda m: m.CosineDecayRestarts(0.3, 16, 1.5, 0.7, 0.1)),
    Row("restarts-1", lambda m: m.CosineDecayRestarts(0.3, 8, 1.0, 0.7, 0.1)),
    Row(
        "restarts-1-41",
        lambda m: m.CosineDecayRestarts(0.3, 41, 1.0, 0.7, 0.1),
        wrong=compiled("float32", 41, 82),
    ),
)
BY_NAME = {row.name: row for row in ROWS}


def reference(row):
    return row.make(trees.reference())


def float_rates(schedule, dtype):
    with np.errstate(all="ignore"):
        return schedule.rate(ITERATIONS.astype(dtype))


def engine_balls(schedule, dtype, engine):
    model = rounding_model(dtype, engine)
    with np.errstate(all="ignore"):
        return with_balls(schedule, model).rate(model.array(ITERATIONS.astype(dtype)))


def outside(rates, balls):
    """Return the iterations at which a rate is not in its ball."""
    return tuple(int(i) for i in ITERATIONS[~(usage(rates, balls) <= 1) | np.isinf(balls.rad)])
