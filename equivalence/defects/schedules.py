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
from functools import cache
from typing import Any

import numpy as np

from equivalence.arithmetic.enclosed import with_balls
from equivalence.arithmetic.rounding import Model, RoundingArray
from equivalence.arithmetic.two_floats import TwoFloats
from equivalence.defects.departures import Departure
from equivalence.defects.table import CAST, SEEN
from equivalence.engines.table import ENGINES
from refimpl.schedules import (
    CosineDecay,
    CosineDecayRestarts,
    ExponentialDecay,
    InverseTimeDecay,
    PolynomialDecay,
)
from refimpl.schedules.cosine_decay_restarts import LAST

# ------------------------------------------------------------------- the models


def as_model(schedule, kind):
    """Return ``kind``, a class of this module, with the schedule's hyperparameters."""
    return kind(**{f.name: getattr(schedule, f.name) for f in fields(schedule)})


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
    """The same under XLA, whose 1 - t fl(1 / n) is one operation, rounded once.

    True up to t = n; after it LLVM may compute with t or with the constant n, and
    then round as ``ReciprocalPolynomialDecay`` does.
    """

    def _left(self, iterations):
        if self.cycle:
            return super()._left(iterations)
        if isinstance(iterations, RoundingArray):
            floats = iterations.mid.astype(iterations.model.dtype)
            return iterations.model.array(self._left(floats))
        number = iterations.dtype.type
        reciprocal = float(number(1) / number(self.decay_steps))
        done = TwoFloats.of(np.minimum(iterations, self.decay_steps))
        return (1 - done * reciprocal).astype(number)


@dataclass(frozen=True)
class LateRestarts(CosineDecayRestarts):
    """Restarts of which some come a step late: ``late`` has their numbers, from 1."""

    late: tuple = ()

    def _restarts(self, iterations):
        count = np.zeros_like(iterations)
        restart, number = self.first_decay_steps, 1
        while restart < LAST:
            reached = np.where(iterations < restart, count, count + 1)
            passed = np.where(iterations > restart, count + 1, count)
            count = passed if number in self.late else reached
            restart = self.first_decay_steps + self.t_mul * restart
            number = number + 1
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
        form = wide.format
        return RoundingArray(form.of(rate.mid), rate.rad.astype(form.radius), wide)


class Truncated:
    """A schedule whose hyperparameters are integers because its first rate is one."""

    def __init__(self, schedule):
        cut = {f.name: getattr(schedule, f.name) for f in fields(schedule)}
        cut = {k: int(v) if isinstance(v, float) and k != "alpha" else v for k, v in cut.items()}
        self.schedule = replace(schedule, **cut)

    def rate(self, iterations):
        rate = self.schedule.rate(iterations.astype(self.dtype))
        return rate.astype(iterations.dtype)

    @property
    def dtype(self):
        """The dtype of Keras's quotient of two integers, by ops.divide or by ``/``."""
        divides = isinstance(self.schedule, (CosineDecay, PolynomialDecay))
        return "float32" if divides and not getattr(self.schedule, "cycle", False) else "float64"


# -------------------------------------------------------------------- the table


@dataclass(frozen=True)
class ScheduleRun:
    """How a schedule runs: twin, dtype and engine as in ``Spec``, its last iteration."""

    twin: str
    dtype: str
    engine: str
    last: int

    @property
    def working(self):
        """The dtype in which the schedule really computes."""
        return "float32" if self.twin == "keras" else self.dtype

    @property
    def is_keras(self):
        return self.twin != "tape"


@dataclass(frozen=True)
class ScheduleDefect:
    """One departure of Keras or TensorFlow in a schedule.

    name, what, where, seen, link, repro: as in ``table.Defect``.
    concerns: whether a schedule of ``refimpl`` meets it in a ScheduleRun.
    model: turns the schedule into one that has the defect, as it is in that run.
    shows_here: as in ``departures.Departure``: whether it can be seen on this processor.
    narrow: as in ``functions.FunctionDefect``.
    """

    name: str
    what: str
    where: str
    concerns: Callable[[Any, ScheduleRun], bool]
    model: Callable[[Any, ScheduleRun], Any]
    repro: str
    link: str = ""
    seen: str = SEEN
    shows_here: Callable[[], bool] | None = None
    narrow: bool = False


FILE = "keras/src/optimizers/schedules/learning_rate_schedule.py"
GRAPPLER = (
    "tensorflow/core/grappler/optimizers/constant_folding.cc, ReduceDivToReciprocalMul; "
    "xla/hlo/transforms/simplifiers/algebraic_simplifier.cc, HandleDivide"
)


def _quotients_part(steps, run, rounded):
    """Say whether in a run a multiple of ``steps``, divided by it, is a wrong integer."""
    multiples = np.arange(1, run.last // steps + 1)
    quotients = by_reciprocal((multiples * steps).astype(run.working), steps)
    return ENGINES[run.engine].compiled and bool((rounded(quotients) != multiples).any())


def _stairs_move(kind):
    def concerns(schedule, run):
        stairs = type(schedule) is kind and schedule.staircase
        return stairs and _quotients_part(schedule.decay_steps, run, np.floor)

    return concerns


def _periods_move(schedule, run):
    equal = type(schedule) is CosineDecayRestarts and schedule.t_mul == 1
    return equal and _quotients_part(schedule.first_decay_steps, run, np.floor)


def _cycles_move(schedule, run):
    cycles = type(schedule) is PolynomialDecay and schedule.cycle
    return cycles and _quotients_part(schedule.decay_steps, run, np.ceil)


@cache
def xla_fuses():
    """Say whether XLA multiplies and adds with one rounding here: it does on a CPU with FMA."""
    import tensorflow as tf

    x = tf.constant(1 + 2.0**-12)
    rest = tf.function(lambda x, square: x * x - square, jit_compile=True)
    return bool(rest(x, x * x) != 0)


def _rounds_twice(run):
    """Say whether a run compiles 1 - t fl(1 / n) into two operations."""
    return run.engine in ("graph", "fit") or (run.engine == "xla" and not xla_fuses())


def _rounds_once(run):
    return run.engine == "xla" and xla_fuses()


def _end_moves(model, rounds):
    def concerns(schedule, run):
        if type(schedule) is not PolynomialDecay or schedule.cycle:
            return False
        end = np.array([schedule.decay_steps]).astype(run.working)
        with np.errstate(invalid="ignore"):
            apart = np.abs(as_model(schedule, model).rate(end) - schedule.rate(end))
        near = apart <= 4 * np.spacing(schedule.rate(end))
        return run.last >= schedule.decay_steps and not near.all() and rounds(run)

    return concerns


def late_restarts(schedule, run):
    """Return the numbers, from 1, of the restarts that Keras takes a step late.

    They are those at which its quotient of two logarithms, by the very functions of
    the run's engine, is below their number.
    """
    if not run.is_keras or type(schedule) is not CosineDecayRestarts or schedule.t_mul == 1:
        return ()
    restarts, restart = [], schedule.first_decay_steps
    while restart <= run.last:
        restarts.append(restart)
        restart = schedule.first_decay_steps + schedule.t_mul * restart
    if not restarts:
        return ()
    count = _count_by_logarithms(
        schedule.first_decay_steps, schedule.t_mul, run.working, run.engine
    )
    counts = np.asarray(count(np.array(restarts, run.working)))
    return tuple(i for i, count in enumerate(counts, start=1) if count < i)


@cache
def _count_by_logarithms(first_decay_steps, t_mul, dtype, engine):
    """Return TensorFlow's program of Keras's count of restarts, one step at a time."""
    import tensorflow as tf

    def count(restart):
        # Constants of the graph, as in Keras's, which the compiler may fold.
        steps, factor = tf.constant(first_decay_steps, dtype), tf.constant(t_mul, dtype)
        return tf.floor(tf.math.log(1.0 - restart / steps * (1.0 - factor)) / tf.math.log(factor))

    counts = lambda restarts: tf.map_fn(count, restarts)
    if engine == "eager":
        return counts
    return tf.function(counts, autograph=False, jit_compile=engine == "xla")


def _first_rate_is_an_integer(schedule, run):
    return run.twin == "keras" and type(getattr(schedule, "initial_learning_rate", 0.0)) is int


def _model(kind):
    return lambda schedule, run: as_model(schedule, kind)


def _late(schedule, run):
    return replace(as_model(schedule, LateRestarts), late=late_restarts(schedule, run))


def _truncated(schedule, run):
    if type(schedule) is CosineDecay:
        schedule = as_model(schedule, ThreeForPi)
    return Truncated(schedule)


IMPORTS = """
import keras
import tensorflow as tf

schedules = keras.optimizers.schedules
"""


def _compiled(make, step, wanted, jit=False):
    """Return a repro: the rate of one step in a ``tf.function``, and what it should be."""
    return f"""{IMPORTS}
schedule = schedules.{make}
rate = tf.function(schedule, jit_compile={jit})(tf.constant({step}, "int64"))
print(float(rate), "is not", {wanted})
"""


SCHEDULE_ROWS = (
    ScheduleDefect(
        name="keras-schedule-integer-rate",
        what="a schedule whose initial_learning_rate is the integer 1 cuts all its "
        "hyperparameters to integers: ExponentialDecay(1, 1000, 0.96) is 0 from the second "
        "step on, InverseTimeDecay(1, 1000, 0.5) never decays, CosineDecay takes 3 for pi, "
        "and CosineDecay(0, ..., warmup_target=0.1), the example in its own text, fails",
        where=f"{FILE}: dtype = initial_learning_rate.dtype, ops.cast(self.decay_rate, dtype)",
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
        what="in a graph, and under XLA on a processor without fused multiply-add, PolynomialDecay "
        "with a power below 1 may never reach its end: 1 - p stays at 2^-24, whose root is 0.00024",
        where=GRAPPLER,
        concerns=_end_moves(ReciprocalPolynomialDecay, _rounds_twice),
        model=_model(ReciprocalPolynomialDecay),
        repro=_compiled("PolynomialDecay(0.1, 41, 0.0, power=0.5)", 100, 0.0),
    ),
    ScheduleDefect(
        name="keras-schedule-xla-nan",
        what="under XLA PolynomialDecay with a power below 1 may be NaN at the step decay_steps, "
        "and all weights after it: 1 - t fl(1 / n) is rounded once and falls below 0",
        where=f"{GRAPPLER}; LLVM contracts the subtraction with it",
        concerns=_end_moves(FusedPolynomialDecay, _rounds_once),
        model=_model(FusedPolynomialDecay),
        repro=_compiled("PolynomialDecay(0.1, 1000, 0.0001, power=0.5)", 1000, 0.0001, jit=True),
        shows_here=xla_fuses,
    ),
    ScheduleDefect(
        name="keras-schedule-late-restart",
        what="CosineDecayRestarts takes some restarts a step late, at the bottom where it should "
        "be at the top: the quotient of two logarithms is rounded down just where it is an "
        "integer; with t_mul=2.0, the default, the 15th restart, with 10.0 in a graph the first",
        where=f"{FILE}, CosineDecayRestarts.__call__: ops.floor(ops.log(...) / ops.log(t_mul))",
        concerns=lambda schedule, run: bool(late_restarts(schedule, run)),
        model=_late,
        repro=f"""{IMPORTS}
restarts = schedules.CosineDecayRestarts(1.0, 1000)
print(float(restarts(32767 * 1000)), "is not", 1.0)
restarts = schedules.CosineDecayRestarts(1.0, 1000, t_mul=10.0)
print(float(tf.function(restarts)(tf.constant(1000, "int64"))), "is not", 1.0)
""",
    ),
    ScheduleDefect(
        name="keras-float64-schedule",
        what="every schedule computes in float32 under floatx float64, unless each of its "
        "hyperparameters is given as a np.float64",
        where=f"{FILE}: "
        "ops.convert_to_tensor(self.initial_learning_rate), a float32 whatever floatx is",
        concerns=lambda schedule, run: run.working != run.dtype,
        model=lambda schedule, run: InFloat32(schedule),
        link=CAST,
        narrow=True,
        repro=f"""{IMPORTS}
keras.config.set_floatx("float64")
print(float(schedules.ExponentialDecay(0.1, 10, 0.96)(3)), "is not", 0.1 * 0.96**0.3)
""",
    ),
)


def matching_schedule(schedule, run):
    """Return the ScheduleDefects that this schedule of ``refimpl`` meets in a run."""
    return tuple(row for row in SCHEDULE_ROWS if row.concerns(schedule, run))


def modelled_schedule(schedule, run):
    """Return the schedule with all that it meets in a run built in."""
    model = schedule
    for row in matching_schedule(schedule, run):
        model = row.model(model, run)
    return model


# --------------------------------------------------------------- the departures


def _departure(name, prints, what, where, body):
    return Departure(name, what, f"{FILE}, {where}", "", IMPORTS + body, prints)


def _rates(make, steps, comment):
    """Return a repro: the rates of a schedule at some steps."""
    return f"""
schedule = schedules.{make}
print([float(schedule(tf.constant(step, "int64"))) for step in {steps}], "{comment}")
"""


def _refused(program):
    """Return a repro: a program that fails, and its error."""
    return f"""
try:
    {program}
except Exception as error:
    print(type(error).__name__, str(error))
"""


SCHEDULE_DEPARTURES = (
    _departure(
        "keras-schedule-cycle-nan",
        "nan",
        "in a graph PolynomialDecay(cycle=True) with a power below 1 is NaN at some steps above "
        "9e6: the rounded quotient is an integer that the step has passed, and 1 - p below 0",
        "PolynomialDecay.__call__: ops.ceil(global_step_recomp / self.decay_steps)",
        """
schedule = schedules.PolynomialDecay(0.1, 100, power=0.5, cycle=True)
step = tf.constant(13_107_301, "int64")
print(float(tf.function(schedule)(step)), "is not", float(schedule(step)))
""",
    ),
    _departure(
        "keras-schedule-cosine-example",
        "InvalidArgumentError",
        "the example of a warm-up in CosineDecay's text, with initial_learning_rate = 0, fails "
        "at its first step",
        "CosineDecay: total_step_delta * completed_fraction, an integer times a float",
        _refused("schedules.CosineDecay(0, 1000, warmup_target=0.1, warmup_steps=1000)(0)"),
    ),
    _departure(
        "keras-schedule-cosine-text",
        r"\[0.5, 1.0\]",
        "CosineDecay's text leaves initial_learning_rate out of the warm-up's line, and the "
        "shift by warmup_steps out of the decay; its code has both",
        "CosineDecay: return completed_fraction * total_delta",
        _rates(
            "CosineDecay(0.5, 10, warmup_target=1.0, warmup_steps=10)",
            (0, 10),
            "is not [0.0, 0.0], as the text has it",
        ),
    ),
    _departure(
        "keras-schedule-restarts-peak",
        r"\[1.0, 0.6",
        "CosineDecayRestarts' text has m_mul times the rate as the new rate; with alpha it is "
        "more, since m_mul is in the cosine only",
        "CosineDecayRestarts.__call__: ops.add(ops.multiply((1 - alpha), cosine_decayed), alpha)",
        _rates("CosineDecayRestarts(1.0, 10, m_mul=0.5, alpha=0.2)", (0, 10), "is not [1.0, 0.5]"),
    ),
    _departure(
        "keras-schedule-restarts-shorter",
        "nan",
        "CosineDecayRestarts accepts a t_mul below 1 and is NaN from the step "
        "first_decay_steps / (1 - t_mul) on",
        "CosineDecayRestarts.__call__: ops.log(1.0 - completed_fraction * (1.0 - t_mul))",
        _rates("CosineDecayRestarts(1.0, 10, t_mul=0.5)", (19, 20), "should be finite"),
    ),
    _departure(
        "keras-schedule-cycle-text",
        r"\[0.0\] is not",
        "PolynomialDecay(cycle=True) divides by the first multiple of decay_steps that is not "
        "below the step; its words say bigger than the step, which would never reach the end",
        "PolynomialDecay: Find the first multiple of decay_steps that is bigger",
        _rates("PolynomialDecay(1.0, 10, 0.0, cycle=True)", (10,), "is not [0.5]"),
    ),
    _departure(
        "keras-schedule-piecewise-order",
        r"\[5.0\]",
        "PiecewiseConstantDecay accepts boundaries that do not increase, and returns sums of "
        "its values",
        "PiecewiseConstantDecay.__call__: result_value += step_in_range * value",
        _rates("PiecewiseConstantDecay([5, 2], [1.0, 2.0, 4.0])", (3,), "is none of the values"),
    ),
    _departure(
        "keras-schedule-piecewise-float-boundary",
        r"\[2.0\]",
        "PiecewiseConstantDecay takes float boundaries as float32: 16777217.0 lies a step early",
        "PiecewiseConstantDecay.__call__: ops.convert_to_tensor(x) for x in self.boundaries",
        _rates("PiecewiseConstantDecay([16777217.0], [1.0, 2.0])", (16777217,), "is not [1.0]"),
    ),
    _departure(
        "keras-schedule-piecewise-mixed",
        r"(?s)InvalidArgumentError.*IndexError",
        "PiecewiseConstantDecay([10], [1, 0.5]) fails at its first call, and so does one without "
        "boundaries, each with an error of TensorFlow's or Python's own",
        "PiecewiseConstantDecay.__call__: result_dtype = values[0].dtype; boundaries[0]",
        _refused("schedules.PiecewiseConstantDecay([10], [1, 0.5])(0)")
        + _refused("schedules.PiecewiseConstantDecay([], [1.0])(0)"),
    ),
    _departure(
        "keras-schedule-name-none",
        "ValueError.*name=None",
        "the configuration in the text of schedules.deserialize, with name None, gives a "
        "schedule that fails when it is called",
        "deserialize: 'name': None",
        """
config = {
    "class_name": "PolynomialDecay",
    "config": {
        "cycle": False,
        "decay_steps": 10000,
        "end_learning_rate": 0.01,
        "initial_learning_rate": 0.1,
        "name": None,
        "power": 0.5,
    },
}
"""
        + _refused("schedules.deserialize(config)(0)"),
    ),
)
