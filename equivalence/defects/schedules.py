"""Known upstream defects of learning-rate schedules, with a model of each.

They are apart from the optimizers' because a schedule runs on its own: a row says
of which schedules, twins, dtypes and engines it is true, and ``modelled_schedule``
gives the reference's schedule with all defects of a run built in.

Most have one root.  Grappler, which is in every ``tf.function`` and so in
``Model.fit``, and XLA turn x / c into x * fl(1 / c).  Where x is a multiple of c the
quotient is an integer, and the product may be its neighbour below or above:
41 * fl(1 / 41) is 0.99999994.  Rounding down, rounding up and 1 - p then give
something else than what the same schedule gives without ``tf.function``.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from equivalence.arithmetic.enclosed import with_balls
from equivalence.arithmetic.rounding import Model, RoundingArray
from equivalence.defects.models import as_model
from equivalence.defects.table import CAST, SEEN
from refimpl.schedules import (
    CosineDecay,
    CosineDecayRestarts,
    ExponentialDecay,
    InverseTimeDecay,
    PolynomialDecay,
)

COMPILED = ("graph", "fit", "xla")  # the engines that divide by multiplying


# ------------------------------------------------------------------- the models


def by_reciprocal(iterations, steps):
    """Return iterations / steps as compiled engines compute it, to the bit."""
    if isinstance(iterations, RoundingArray):
        floats = iterations.mid.astype(iterations.model.dtype)
        return iterations.model.array(by_reciprocal(floats, steps))
    number = iterations.dtype.type
    return iterations * (number(1) / number(steps))


class ReciprocalExponentialDecay(ExponentialDecay):
    """A staircase whose stairs stand where a product rounds to."""

    def rate(self, iterations):
        p = np.floor(by_reciprocal(iterations, self.decay_steps))
        return self.initial_learning_rate * self.decay_rate**p


class ReciprocalInverseTimeDecay(InverseTimeDecay):
    """A staircase whose stairs stand where a product rounds to."""

    def rate(self, iterations):
        p = np.floor(by_reciprocal(iterations, self.decay_steps))
        return self.initial_learning_rate / (1 + self.decay_rate * p)


class ReciprocalCosineDecayRestarts(CosineDecayRestarts):
    """Equal periods that begin where a product rounds to."""

    def rate(self, iterations):
        alpha = np.zeros_like(iterations) + self.alpha
        completed = by_reciprocal(iterations, self.first_decay_steps)
        restart = np.floor(completed)
        cosine = 0.5 * self.m_mul**restart * (1 + np.cos(np.pi * (completed - restart)))
        return self.initial_learning_rate * ((1 - alpha) * cosine + alpha)


class ReciprocalPolynomialDecay(PolynomialDecay):
    """A decay whose end, or whose cycle, is where a product rounds to."""

    def rate(self, iterations):
        initial = np.zeros_like(iterations) + self.initial_learning_rate
        end = np.zeros_like(iterations) + self.end_learning_rate
        return (initial - end) * self._left(iterations) ** self.power + end

    def _left(self, iterations):
        """Return 1 - p, the share of the decay that is to come."""
        if self.cycle:
            multiplier = np.ceil(by_reciprocal(iterations, self.decay_steps))
            multiplier = np.where(iterations > 0, multiplier, 1.0)
            return 1 - iterations / (self.decay_steps * multiplier)
        return 1 - by_reciprocal(np.minimum(iterations, self.decay_steps), self.decay_steps)


class FusedPolynomialDecay(ReciprocalPolynomialDecay):
    """The same under XLA, whose 1 - t fl(1 / n) is one operation up to t = n."""

    def _left(self, iterations):
        if self.cycle:
            return super()._left(iterations)
        if isinstance(iterations, RoundingArray):
            floats = iterations.mid.astype(iterations.model.dtype)
            return iterations.model.array(self._left(floats))
        number = iterations.dtype.type
        reciprocal = number(1) / number(self.decay_steps)
        wide = np.longdouble
        fused = 1 - wide(np.minimum(iterations, self.decay_steps)) * wide(reciprocal)
        after = 1 - number(self.decay_steps) * reciprocal
        return np.where(iterations > self.decay_steps, after, fused.astype(number))


@dataclass(frozen=True)
class LateRestarts(CosineDecayRestarts):
    """Restarts of which some come a step late: those at the iterations in ``late``."""

    late: tuple = ()

    def _restarts(self, iterations):
        count = np.zeros_like(iterations)
        period = restart = self.first_decay_steps
        while restart < 2**53:
            reached = np.where(iterations < restart, count, count + 1)
            passed = np.where(iterations > restart, count + 1, count)
            count = passed if restart in self.late else reached
            period = period * self.t_mul
            restart = restart + period
        return count


class ThreeForPi(CosineDecay):
    """Cosine decay with the integer 3 for pi."""

    def _decayed(self, iterations, peak):
        cosine = 0.5 * (1 + np.cos(3 * (iterations / self.decay_steps)))
        return peak * ((1 - self.alpha) * cosine + self.alpha)


class InFloat32:
    """A schedule that computes in float32 whatever the run's dtype is."""

    def __init__(self, schedule):
        self.schedule = schedule

    def rate(self, iterations):
        if isinstance(iterations, RoundingArray):
            return self._balls(iterations)
        return self.schedule.rate(iterations.astype(np.float32)).astype(iterations.dtype)

    def _balls(self, iterations):
        wide = iterations.model
        narrow = Model("float32", wide.platforms, wide.compilers, wide.notes)
        balls = with_balls(self.schedule, narrow)
        rate = balls.rate(narrow.array(iterations.mid.astype(np.float32)))
        return RoundingArray(rate.mid.astype(wide.wide), rate.rad.astype(wide.wide), wide)


class Truncated:
    """A schedule whose hyperparameters are integers because its first rate is one."""

    def __init__(self, schedule):
        cut = {f.name: getattr(schedule, f.name) for f in fields(schedule)}
        cut = {k: int(v) if isinstance(v, float) and k != "alpha" else v for k, v in cut.items()}
        self.schedule = replace(schedule, **cut)

    def rate(self, iterations):
        rate = self.schedule.rate(iterations.astype(self._dtype()))
        return rate.astype(iterations.dtype)

    def _dtype(self):
        """Return what Keras's quotient of two integers is here: ops.divide or ``/``."""
        divides = isinstance(self.schedule, (CosineDecay, PolynomialDecay))
        return "float32" if divides and not getattr(self.schedule, "cycle", False) else "float64"


# -------------------------------------------------------------------- the table


@dataclass(frozen=True)
class ScheduleDefect:
    """One departure of Keras or TensorFlow in a schedule.

    name, what, where, seen, link, repro: as in ``table.Defect``.
    concerns: whether a run of (schedule of ``refimpl``, twin, dtype, engine) meets it.
    model: turns the schedule into one that has the defect.
    """

    name: str
    what: str
    where: str
    concerns: Callable
    model: Callable[[Any], Any]
    repro: str
    link: str = ""
    seen: str = SEEN


GRAPPLER = (
    "tensorflow/core/grappler/optimizers/constant_folding.cc, ReduceDivToReciprocalMul; "
    "xla/hlo/transforms/simplifiers/algebraic_simplifier.cc, HandleDivide"
)


def _working(twin, dtype):
    """Return the dtype in which a schedule really computes."""
    return "float32" if twin == "keras" else dtype


def quotients_part(steps, dtype, rounded, last=10_000):
    """Say whether rounding a multiple of ``steps`` divided by it gives a wrong integer."""
    multiples = np.arange(1, last + 1)
    quotients = by_reciprocal((multiples * steps).astype(dtype), steps)
    return bool((rounded(quotients) != multiples).any())


def _stairs_move(kind):
    def concerns(schedule, twin, dtype, engine):
        return (
            type(schedule) is kind
            and schedule.staircase
            and engine in COMPILED
            and quotients_part(schedule.decay_steps, _working(twin, dtype), np.floor)
        )

    return concerns


def _periods_move(schedule, twin, dtype, engine):
    return (
        type(schedule) is CosineDecayRestarts
        and schedule.t_mul == 1
        and engine in COMPILED
        and quotients_part(schedule.first_decay_steps, _working(twin, dtype), np.floor)
    )


def _cycles_move(schedule, twin, dtype, engine):
    return (
        type(schedule) is PolynomialDecay
        and schedule.cycle
        and engine in COMPILED
        and quotients_part(schedule.decay_steps, _working(twin, dtype), np.ceil)
    )


def _end_moves(fused):
    def concerns(schedule, twin, dtype, engine):
        if type(schedule) is not PolynomialDecay or schedule.cycle:
            return False
        if engine not in (("xla",) if fused else ("graph", "fit")):
            return False
        model = as_model(schedule, FusedPolynomialDecay if fused else ReciprocalPolynomialDecay)
        ends = np.array([1, 2]) * schedule.decay_steps
        return bool(model._left(ends.astype(_working(twin, dtype))).any())

    return concerns


def _first_rate_is_an_integer(schedule, twin, dtype, engine):
    whole = isinstance(getattr(schedule, "initial_learning_rate", None), int)
    return whole and twin == "keras"


def _model(kind):
    return lambda schedule: as_model(schedule, kind)


def _truncated(schedule):
    if type(schedule) is CosineDecay:
        schedule = as_model(schedule, ThreeForPi)
    return Truncated(schedule)


IMPORTS = """
import keras
import tensorflow as tf

schedules = keras.optimizers.schedules
"""


def _compiled(make, step, wanted, jit=False):
    """Return a repro: the rate of one step inside a ``tf.function``, and what it should be."""
    return f"""{IMPORTS}
schedule = schedules.{make}
rate = tf.function(schedule, jit_compile={jit})(tf.constant({step}, "int64"))
print(float(rate), "is not", {wanted}, "as without tf.function:", float(schedule({step})))
"""


SCHEDULE_ROWS = (
    ScheduleDefect(
        name="keras-schedule-integer-rate",
        what="a schedule whose initial_learning_rate is the integer 1 cuts all its "
        "hyperparameters to integers: ExponentialDecay(1, 1000, 0.96) is 0 from the second "
        "step on, InverseTimeDecay(1, 1000, 0.5) never decays, CosineDecay takes 3 for pi, "
        "and CosineDecay(0, ..., warmup_target=0.1), the example in its own text, fails",
        where="keras/src/optimizers/schedules/learning_rate_schedule.py: "
        "dtype = initial_learning_rate.dtype, ops.cast(self.decay_rate, dtype)",
        concerns=_first_rate_is_an_integer,
        model=_truncated,
        repro=f"""{IMPORTS}
print(float(schedules.ExponentialDecay(1, 1000, 0.96)(1)), "is not", 0.96 ** (1 / 1000))
print(float(schedules.CosineDecay(1, 1000)(1000)), "is not", 0.0)
""",
    ),
    ScheduleDefect(
        name="keras-schedule-reciprocal-exponential",
        what="in a graph (tf.function, fit) and under XLA ExponentialDecay(staircase=True) takes "
        "some of its stairs a step late",
        where=GRAPPLER,
        concerns=_stairs_move(ExponentialDecay),
        model=_model(ReciprocalExponentialDecay),
        repro=_compiled("ExponentialDecay(1.0, 41, 0.5, staircase=True)", 41, 0.5),
    ),
    ScheduleDefect(
        name="keras-schedule-reciprocal-inverse-time",
        what="in a graph and under XLA InverseTimeDecay(staircase=True) takes some of its stairs "
        "a step late",
        where=GRAPPLER,
        concerns=_stairs_move(InverseTimeDecay),
        model=_model(ReciprocalInverseTimeDecay),
        repro=_compiled("InverseTimeDecay(1.0, 41, 1.0, staircase=True)", 41, 0.5),
    ),
    ScheduleDefect(
        name="keras-schedule-reciprocal-restarts",
        what="in a graph and under XLA CosineDecayRestarts(t_mul=1.0) takes some of its restarts a "
        "step late, and is at the bottom where it should be at the top",
        where=GRAPPLER,
        concerns=_periods_move,
        model=_model(ReciprocalCosineDecayRestarts),
        repro=_compiled("CosineDecayRestarts(1.0, 41, t_mul=1.0)", 41, 1.0),
    ),
    ScheduleDefect(
        name="keras-schedule-reciprocal-cycle",
        what="in a graph and under XLA PolynomialDecay(cycle=True) skips the end of some of its "
        "cycles: the rate jumps up where it should be end_learning_rate",
        where=GRAPPLER,
        concerns=_cycles_move,
        model=_model(ReciprocalPolynomialDecay),
        repro=_compiled("PolynomialDecay(0.1, 1000, 0.0001, cycle=True)", 3000, 0.0001),
    ),
    ScheduleDefect(
        name="keras-schedule-reciprocal-end",
        what="in a graph PolynomialDecay with a power below 1 may never reach its end: 1 - p "
        "stays at 2^-24, whose root is 0.00024",
        where=GRAPPLER,
        concerns=_end_moves(fused=False),
        model=_model(ReciprocalPolynomialDecay),
        repro=_compiled("PolynomialDecay(0.1, 41, 0.0, power=0.5)", 100, 0.0),
    ),
    ScheduleDefect(
        name="keras-schedule-xla-nan",
        what="under XLA PolynomialDecay with a power below 1 may be NaN at the step decay_steps, "
        "and all weights after it: 1 - t fl(1 / n) is rounded once and falls below 0",
        where=f"{GRAPPLER}; LLVM contracts the subtraction with it",
        concerns=_end_moves(fused=True),
        model=_model(FusedPolynomialDecay),
        repro=_compiled("PolynomialDecay(0.1, 1000, 0.0001, power=0.5)", 1000, 0.0001, jit=True),
    ),
    ScheduleDefect(
        name="keras-float64-schedule",
        what="every schedule computes in float32 under floatx float64, unless each of its "
        "hyperparameters is given as a np.float64",
        where="keras/src/optimizers/schedules/learning_rate_schedule.py: "
        "ops.convert_to_tensor(self.initial_learning_rate), a float32 whatever floatx is",
        concerns=lambda schedule, twin, dtype, engine: twin == "keras" and dtype == "float64",
        model=InFloat32,
        link=CAST,
        repro=f"""{IMPORTS}
keras.config.set_floatx("float64")
print(float(schedules.ExponentialDecay(0.1, 10, 0.96)(3)), "is not", 0.1 * 0.96**0.3)
""",
    ),
)


def matching_schedule(schedule, twin, dtype, engine):
    """Return the ScheduleDefects that a run of this schedule of ``refimpl`` meets."""
    return tuple(row for row in SCHEDULE_ROWS if row.concerns(schedule, twin, dtype, engine))


def modelled_schedule(schedule, rows):
    """Return the schedule with the defects of ``rows`` built in, in the table's order."""
    for row in rows:
        schedule = row.model(schedule)
    return schedule
