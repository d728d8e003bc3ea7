"""Every learning-rate schedule, at the iterations 0 to 119 and so at all its boundaries.

The tape twin and Keras's class are held against the reference: bit for bit where only
IEEE operations occur, else inside the rounding balls.  Known defects of Keras are
strict: met at the very iterations that the table names, and at no others.
"""

from dataclasses import fields, replace
from fractions import Fraction
from functools import cache
from itertools import product
from math import ceil, pi

import numpy as np
import pytest
from flint import arb
from helpers.turns import thinned

from equivalence import trees
from equivalence.arithmetic.enclosed import with_balls
from equivalence.arithmetic.exact import ExactArray, precision
from equivalence.defects import holding
from equivalence.defects.schedules import (
    SCHEDULE_DEPARTURES,
    SCHEDULE_ROWS,
    InFloat32,
    ReciprocalPolynomialDecay,
    ScheduleRun,
    as_model,
    by_reciprocal,
    late_restarts,
    matching_schedule,
    modelled_schedule,
)
from equivalence.judge.certificate import rounding_model, usage
from equivalence.plants.cases.schedules import (
    BY_NAME,
    ITERATIONS,
    ROWS,
    STEPS,
    Row,
    engine_balls,
    float_rates,
    outside,
    reference,
)
from equivalence.plants.killrate import complaint, find
from equivalence.plants.tables.schedules import PLANTS

pytestmark = pytest.mark.tensorflow
ENGINES = ("eager", "graph", "xla")
# Keras's own float64 is float32; with hyperparameters of type np.float64 it is not.
TWINS = (
    ("tape", "float32"),
    ("tape", "float64"),
    ("keras", "float32"),
    ("keras", "float64"),
    ("keras-np.float64", "float64"),
)


def runs(twins, engines=ENGINES):
    return [ScheduleRun(*twin, engine, STEPS - 1) for twin in twins for engine in engines]


def name_of(run):
    return f"{run.twin}-{run.dtype}-{run.engine}"


OF_A_ROW = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


# ------------------------------------------------------------------- both sides


@cache
def tensorflow_rates(twin, dtype, engine):
    """Return {row's name: its rates}, all from one program of TensorFlow's."""
    import tensorflow as tf

    from equivalence.engines.base import floatx

    schedules = [row.make(trees.tensorflow()) for row in ROWS]
    with floatx(dtype):
        if twin == "tape":
            steps = tf.constant(ITERATIONS, dtype)
            program = lambda steps: [schedule.rate(steps) for schedule in schedules]
        else:
            steps = tf.constant(ITERATIONS, "int64")
            called = at_once if engine == "eager" else step_by_step
            program = called(keras_schedules(twin, schedules), dtype)
        if engine != "eager":
            program = tf.function(program, autograph=False, jit_compile=engine == "xla")
        rates = [np.asarray(rate) for rate in program(steps)]
    return {row.name: rate for row, rate in zip(ROWS, rates, strict=True)}


def keras_schedules(twin, schedules):
    if twin == "keras-np.float64":
        schedules = [with_numpys_numbers(schedule) for schedule in schedules]
    return [schedule.keras() for schedule in schedules]


def step_by_step(schedules, dtype):
    """Return the program that calls Keras's schedules as an optimizer does."""
    import tensorflow as tf

    rates = lambda step: tuple(tf.cast(schedule(step), dtype) for schedule in schedules)
    dtypes = (dtype,) * len(schedules)
    return lambda steps: tf.map_fn(rates, steps, fn_output_signature=dtypes)


def at_once(schedules, dtype):
    """Return the program that calls them with all steps, but for a warm-up, which cannot."""
    import tensorflow as tf

    def rates(schedule, steps):
        if getattr(schedule, "warmup_target", None) is None:
            return tf.cast(schedule(steps), dtype)
        return step_by_step([schedule], dtype)(steps)[0]

    return lambda steps: [rates(schedule, steps) for schedule in schedules]


def with_numpys_numbers(schedule):
    """Return a schedule whose floats are np.float64, which tf.cast leaves alone."""

    def wide(value):
        if isinstance(value, tuple):
            return tuple(wide(v) for v in value)
        return np.float64(value) if isinstance(value, float) else value

    return replace(schedule, **{f.name: wide(getattr(schedule, f.name)) for f in fields(schedule)})


def rounding_balls(schedule, dtype, engine):
    """Return the balls of the rates: the engine's, and where it decides nothing, eager's.

    Compiled, a quotient may miss the integer that it is, and rounding decides.  There
    a schedule is held against what it is when nobody compiles it.
    """
    balls, plain = (engine_balls(schedule, dtype, e) for e in (engine, "eager"))
    open_ = np.isinf(balls.rad)
    balls.mid = np.where(open_, plain.mid, balls.mid)
    balls.rad = np.where(open_, plain.rad, balls.rad)
    return balls


# ------------------------------------------------------------------- the check


@pytest.mark.parametrize(
    ("row", "run"),
    thinned(24, product(ROWS, runs(TWINS))),
    ids=lambda value: name_of(value) if isinstance(value, ScheduleRun) else value.name,
)
def test_a_twin_is_certified_but_for_the_iterations_that_the_table_names(row, run):
    """Strict: what upstream mends is no longer wrong there, and this fails."""
    rates = tensorflow_rates(run.twin, run.dtype, run.engine)[row.name]
    honest = InFloat32(reference(row)) if run.working != run.dtype else reference(row)
    balls = rounding_balls(honest, run.dtype, run.engine)
    model = modelled_schedule(reference(row), run)
    modelled = float_rates(model, run.dtype)
    assert settled(outside(rates, balls), row, run) == row.wrong_in(run)
    assert settled(outside(modelled, balls), row, run) == row.wrong_in(run)
    if row.ieee and (run.engine == "eager" or (run.engine == "graph" and row.wrong)):
        assert np.array_equal(rates, modelled)
    else:
        assert reproduced(rates, model, row, run).all()


def fuses(row, run):
    """Say whether XLA's last bits are not settled after the end of the decay."""
    names = [defect.name for defect in matching_schedule(reference(row), run)]
    return "keras-schedule-xla-nan" in names


def settled(iterations, row, run):
    """Return those iterations at which LLVM's choice, to fuse or to fold, has no part."""
    end = reference(row).decay_steps if fuses(row, run) else STEPS
    return tuple(i for i in iterations if i <= end)


def reproduced(rates, model, row, run):
    """Say which rates the model gives: NaN for NaN, all others inside its balls."""
    found = _in_balls_or_nan(rates, model, run)
    if fuses(row, run):
        folded = as_model(reference(row), ReciprocalPolynomialDecay)
        folded = InFloat32(folded) if run.working != run.dtype else folded
        after = reference(row).decay_steps < ITERATIONS
        found = found | (after & _in_balls_or_nan(rates, folded, run))
    return found


def _in_balls_or_nan(rates, model, run):
    balls = rounding_balls(model, run.dtype, run.engine)
    inside = (usage(rates, balls) <= 1) & np.isfinite(balls.rad)
    return inside | (np.isnan(rates) & np.isnan(float_rates(model, run.dtype)))


@OF_A_ROW
@pytest.mark.parametrize("engine", ENGINES)
def test_kerass_float64_is_float32(row, engine):
    """A strict expected failure: against the float64 reference, Keras's class is wrong."""
    rates = tensorflow_rates("keras", "float64", engine)[row.name]
    assert outside(rates, rounding_balls(reference(row), "float64", engine))
    assert np.array_equal(rates, rates.astype("float32"), equal_nan=True)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@OF_A_ROW
def test_where_the_periods_are_powers_of_two_rounding_decides_nothing(row, dtype, engine):
    schedule = reference(row)
    steps = getattr(schedule, "decay_steps", getattr(schedule, "first_decay_steps", 1))
    boundaries = getattr(schedule, "staircase", type(schedule).__name__ != "CosineDecay")
    decided = engine == "eager" or not boundaries or steps & (steps - 1) == 0
    open_ = np.isinf(engine_balls(schedule, dtype, engine).rad)
    if decided or row.name in ("polynomial-square", "exponential", "inverse-time"):
        assert not open_.any()
    else:
        assert open_.any()


# ------------------------------------------------------- integers for first rates

INTEGER_RATES = (
    lambda m, first: m.ExponentialDecay(first, 7, 0.5),
    lambda m, first: m.ExponentialDecay(first, 7, 1.5, True),
    lambda m, first: m.InverseTimeDecay(first, 7, 0.5),
    lambda m, first: m.InverseTimeDecay(first, 7, 1.5),
    lambda m, first: m.PolynomialDecay(first, 7, 0.5, 1.7),
    lambda m, first: m.PolynomialDecay(first, 7, 0.5, 1.7, True),
    lambda m, first: m.CosineDecay(first, 7, 0.1),
)


@pytest.mark.parametrize("make", INTEGER_RATES)
def test_an_integer_for_a_first_rate_cuts_all_hyperparameters_as_its_model_does(make):
    import tensorflow as tf

    keras_schedule = make(trees.tensorflow(), 2).keras()
    rates = np.array([keras_schedule(tf.constant(i, "int64")) for i in ITERATIONS])
    run = ScheduleRun("keras", "float32", "eager", STEPS - 1)
    model = modelled_schedule(make(trees.reference(), 2), run)
    assert rates.dtype == model.dtype
    assert outside(rates, engine_balls(make(trees.reference(), 2.0), model.dtype, "eager"))
    inside = usage(rates, engine_balls(model.schedule, model.dtype, "eager")) <= 1
    assert (inside | (rates == float_rates(model, model.dtype))).all()


# --------------------------------------------------------------- exact restarts

# Restarts, by their numbers, that come late; the first one already.
SHOWN = {
    ("float32", "eager"): {2.0: 15},
    ("float32", "graph"): {2.0: 15, 10.0: 1},
    ("float32", "xla"): {2.0: 15, 10.0: 1},
    ("float64", "eager"): {3.0: 5, 10.0: 3},
    ("float64", "graph"): {2.0: 3, 3.0: 5, 10.0: 1},
    ("float64", "xla"): {2.0: 3, 3.0: 5, 10.0: 1},
}


def restarts_of(t_mul, first=5):
    """Return the exact steps of all restarts up to 2^24, which float32 counts to."""
    steps, restart = [], first
    while restart <= 2**24:
        steps.append(restart)
        restart = first + t_mul * restart
    return steps


@pytest.mark.parametrize(
    ("twin", "dtype", "engine"),
    thinned(
        3,
        [
            (*of, engine)
            for of in (("keras", "float32"), ("keras-np.float64", "float64"))
            for engine in ENGINES
        ],
    ),
)
def test_keras_is_late_at_the_restarts_that_its_logarithms_miss(twin, dtype, engine):
    import tensorflow as tf

    factors = (2, 3, 4, 10)
    make = lambda m, t_mul: m.CosineDecayRestarts(1.0, 5, float(t_mul))
    schedules = [make(trees.tensorflow(), t_mul) for t_mul in factors]
    program = step_by_step(keras_schedules(twin, schedules), dtype)
    if engine != "eager":
        program = tf.function(program, autograph=False, jit_compile=engine == "xla")
    steps = sorted(set().union(*map(restarts_of, factors)))
    rates = program(tf.constant(steps, "int64"))
    run = ScheduleRun(twin, dtype, engine, 2**24)
    for t_mul, keras_rates in zip(factors, rates, strict=True):
        schedule, restarts = make(trees.reference(), t_mul), restarts_of(t_mul)
        assert (schedule.rate(np.array(restarts, dtype)) > 0.999).all()
        at_restarts = keras_rates.numpy()[np.searchsorted(steps, restarts)]
        late = tuple(int(i) + 1 for i in np.flatnonzero(at_restarts < 0.5))
        assert late == late_restarts(schedule, run)
        assert SHOWN[dtype, engine].get(t_mul) in (None, *late)


# ---------------------------------------------------- the balls that schedules need


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_quotient_that_is_a_float_is_exact_unless_a_compiler_multiplies(dtype):
    """Then the ball holds what the multiplication gives, which may be a neighbour."""
    wholes = np.arange(400)
    for divisor in range(1, 130):
        dividends = (wholes * divisor).astype(dtype)
        eager, graph = (
            rounding_model(dtype, e).array(dividends) / divisor for e in ("eager", "graph")
        )
        assert np.array_equal(eager.mid, wholes) and not eager.rad.any()
        product = by_reciprocal(dividends, divisor)
        assert (usage(product, graph) <= 1).all()
        assert (product == wholes).all() or graph.rad[1:].all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_quotient_that_is_no_float_is_not_exact(dtype):
    model = rounding_model(dtype, "eager")
    dividends = np.arange(1, 400).astype(dtype)
    for divisor in (3, 7, 41, 49):
        quotient = model.array(dividends) / divisor
        assert np.array_equal(quotient.rad > 0, dividends % divisor != 0)
        assert (usage(dividends / np.dtype(dtype).type(divisor), quotient) <= 1).all()


def test_a_branch_on_balls_is_taken_where_it_is_decided_and_refused_where_not():
    model = rounding_model("float32", "eager")
    assert model.decimal(1.5) > 1
    assert not model.decimal(1.0) > 1
    with pytest.raises(ValueError, match="rounding decides the branch"):
        bool(model.decimal(0.1) > model.decimal(0.1))


def test_hyperparameters_become_balls_inside_tuples_and_schedules_too():
    model = rounding_model("float32", "eager")
    balls = with_balls(reference(BY_NAME["piecewise-constant"]), model)
    assert balls.boundaries == (10, 35, 36)
    assert [value.rad > 0 for value in balls.values] == [True] * 4
    owner = with_balls(Row("", reference(BY_NAME["exponential"])), model)
    assert owner.make.decay_rate.rad > 0 and owner.make.decay_steps == 7


# -------------------------------------------------------------------- the truth


def number(value):
    """Return an int, float or Fraction as a ball."""
    if isinstance(value, Fraction):
        return arb(value.numerator) / arb(value.denominator)
    return arb(value)


def power(base, exponent):
    return arb(0) if base == 0 and exponent > 0 else number(base) ** number(exponent)


def exponential(s, t):
    p = Fraction(t) / Fraction(s.decay_steps)
    return number(s.initial_learning_rate) * power(s.decay_rate, p // 1 if s.staircase else p)


def inverse_time(s, t):
    p = Fraction(t) / Fraction(s.decay_steps)
    p = p // 1 if s.staircase else p
    return number(s.initial_learning_rate) / number(1 + Fraction(s.decay_rate) * p)


def piecewise_constant(s, t):
    return number(s.values[sum(t > boundary for boundary in s.boundaries)])


def polynomial(s, t):
    n = s.decay_steps * max(1, ceil(Fraction(t) / s.decay_steps)) if s.cycle else s.decay_steps
    left = power(1 - Fraction(min(t, n)) / n, Fraction(s.power))
    end = number(s.end_learning_rate)
    return (number(s.initial_learning_rate) - end) * left + end


def half_cosine(x):
    """(1 + cos(pi x)) / 2 with Python's pi, as all sides have it."""
    return (1 + (number(pi) * number(x)).cos()) / 2


def cosine(s, t):
    warmup = s.warmup_steps if s.warmup_target is not None else 0
    peak = s.initial_learning_rate if s.warmup_target is None else s.warmup_target
    if t < warmup:
        start = Fraction(s.initial_learning_rate)
        return number(start + (Fraction(peak) - start) * Fraction(t, warmup))
    x = min(Fraction(t - warmup, s.decay_steps), Fraction(1))
    rest = 1 - s.alpha  # in Python's floats, as all sides have it here
    return number(peak) * (number(rest) * half_cosine(x) + number(s.alpha))


def cosine_restarts(s, t):
    begun, period, restart = Fraction(0), Fraction(s.first_decay_steps), 0
    if s.t_mul == 1:
        restart = t // s.first_decay_steps
        begun = restart * period
    while begun + period <= t:
        begun, period, restart = begun + period, period * Fraction(s.t_mul), restart + 1
    c, alpha = half_cosine((t - begun) / period), number(s.alpha)
    return number(s.initial_learning_rate) * ((1 - alpha) * power(s.m_mul, restart) * c + alpha)


FORMULAS = {
    "ExponentialDecay": exponential,
    "InverseTimeDecay": inverse_time,
    "PiecewiseConstantDecay": piecewise_constant,
    "PolynomialDecay": polynomial,
    "CosineDecay": cosine,
    "CosineDecayRestarts": cosine_restarts,
}


@OF_A_ROW
def test_the_reference_over_exact_balls_is_the_formula(row):
    schedule = reference(row)
    steps = [*range(STEPS), 1000, 41 * 1000, 8 * 32767, 2**24 - 1]
    with precision(256):
        found = schedule.rate(ExactArray(steps)).values
        wanted = [FORMULAS[type(schedule).__name__](schedule, t) for t in steps]
        assert all(a.overlaps(b) for a, b in zip(found, wanted, strict=True))
        assert all(float(a.rad()) <= 1e-60 for a in (*found, *wanted))


@OF_A_ROW
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_truth_lies_in_the_rounding_balls(row, dtype):
    balls = engine_balls(reference(row), dtype, "eager")
    with precision(256):
        truth = reference(row).rate(ExactArray(ITERATIONS)).to_float()
    assert (np.abs(truth - balls.mid) <= balls.rad + 2.0**-52 * np.abs(truth)).all()


# -------------------------------------------------------------- shapes and use


@OF_A_ROW
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_rate_has_the_shape_and_the_dtype_of_the_iterations(row, dtype):
    schedule = reference(row)
    vector = float_rates(schedule, dtype)
    stacked = schedule.rate(ITERATIONS.astype(dtype).reshape(-1, 1, 1))
    assert vector.dtype == stacked.dtype == dtype
    assert stacked.shape == (STEPS, 1, 1)
    one = schedule.rate(np.array(41, dtype))
    assert (one.shape, one.dtype) == ((), dtype)
    spacing = np.spacing(vector)  # NumPy's pow and cos of a vector may be other code
    assert (np.abs(stacked[:, 0, 0] - vector) <= spacing).all()
    assert abs(one - vector[41]) <= spacing[41]


@pytest.mark.parametrize("eagerly", [True, False])
def test_fit_learns_at_the_graphs_rates_and_eagerly_at_the_eager_ones(eagerly):
    """A weight whose gradient is 1 moves by the rate: stairs are late in ``fit``."""
    import keras
    import tensorflow as tf

    row, weights = BY_NAME["exponential-staircase-41"], []
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(
        keras.optimizers.SGD(row.make(trees.tensorflow()).keras()),
        loss=lambda y, prediction: tf.reduce_mean(prediction),
        run_eagerly=eagerly,
        jit_compile=False,
    )
    model.set_weights([np.zeros((1, 1), "float32")])
    note = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: weights.append(model.get_weights()[0].item())
    )
    one = np.ones((1, 1), "float32")
    model.fit(tf.data.Dataset.from_tensors((one, one)).repeat(45), verbose=0, callbacks=[note])
    rates = tensorflow_rates("keras", "float32", "eager" if eagerly else "graph")[row.name][:45]
    assert weights == (-np.cumsum(rates)).tolist()


BAD = (
    ("ExponentialDecay", (0.1, 0, 0.5), "decay_steps must be a finite number above 0, not 0"),
    ("ExponentialDecay", (-0.1, 10, 0.5), "initial_learning_rate .* not -0.1"),
    ("ExponentialDecay", (0.1, 10, -1.0), "decay_rate .* not -1.0"),
    ("ExponentialDecay", (0.1, 10, 0.5, "yes"), "staircase must be True or False, not 'yes'"),
    ("InverseTimeDecay", (0.1, -1, 0.5), "decay_steps .* not -1"),
    ("InverseTimeDecay", (float("nan"), 1, 0.5), "initial_learning_rate .* not nan"),
    ("InverseTimeDecay", (0.1, 1, -0.5), "decay_rate .* not -0.5"),
    ("InverseTimeDecay", (0.1, 1, 0.5, 1), "staircase must be True or False, not 1"),
    ("PiecewiseConstantDecay", ((10,), (0.1,)), "values must be one more than boundaries"),
    ("PiecewiseConstantDecay", ((), (0.1,)), "there must be one or more, not 1 and 0"),
    ("PiecewiseConstantDecay", ((5, 2), (1.0, 2.0, 4.0)), r"increasing, not \(5, 2\)"),
    ("PiecewiseConstantDecay", ((5,), (1.0, -2.0)), "each of values .* not -2.0"),
    ("PolynomialDecay", (0.1, 0), "decay_steps .* not 0"),
    ("PolynomialDecay", (0.1, 10, -0.1), "end_learning_rate .* not -0.1"),
    ("PolynomialDecay", (0.1, 10, 0.1, -1.0), "power .* not -1.0"),
    ("PolynomialDecay", (0.1, 10, 0.1, 1.0, None), "cycle must be True or False, not None"),
    ("CosineDecay", (0.1, 0), "decay_steps .* not 0"),
    ("CosineDecay", (0.1, 10, -0.1), "alpha .* not -0.1"),
    ("CosineDecay", (0.1, 10, 0.1, -0.1), "warmup_target .* not -0.1"),
    ("CosineDecay", (0.1, 10, 0.1, 0.1, -5), "warmup_steps .* not -5"),
    ("CosineDecayRestarts", (0.1, 0), "first_decay_steps .* not 0"),
    ("CosineDecayRestarts", (0.1, 10, 0.5), "t_mul must be a finite number, 1 or above, not 0.5"),
    ("CosineDecayRestarts", (0.1, 10, 2.0, -1.0), "m_mul .* not -1.0"),
    ("CosineDecayRestarts", (0.1, 10, 2.0, 1.0, -1.0), "alpha .* not -1.0"),
)


@pytest.mark.parametrize(("name", "values", "message"), BAD)
def test_a_bad_hyperparameter_is_refused_by_name_and_value(name, values, message):
    with pytest.raises(ValueError, match=message):
        getattr(trees.reference(), name)(*values)


NO_STEPS = (
    ("ExponentialDecay", (0.1, 0, 0.5)),
    ("InverseTimeDecay", (0.1, 0, 0.5)),
    ("PiecewiseConstantDecay", ((1,), (0.1,))),
    ("PolynomialDecay", (0.1, 0)),
    ("CosineDecay", (0.1, 0)),
    ("CosineDecayRestarts", (0.1, 0)),
)


@pytest.mark.parametrize(("name", "values"), NO_STEPS)
def test_what_keras_refuses_the_reference_refuses(name, values):
    made = getattr(trees.tensorflow(), name)(*values)
    with pytest.raises(ValueError, match="Received: "):
        made.keras()
    with pytest.raises(ValueError, match=", not "):
        getattr(trees.reference(), name)(*values)


@pytest.mark.outer  # the programs; that each defect shows, the tests above say
def test_every_program_that_shows_a_defect_or_a_departure_shows_it():
    found = holding.check((*SCHEDULE_ROWS, *SCHEDULE_DEPARTURES))
    as_listed = (holding.HOLDS, holding.ELSEWHERE)
    assert {row.name: printed for row, state, printed in found if state not in as_listed} == {}


# ------------------------------------------------------------- planted defects


@pytest.mark.parametrize("plant", PLANTS, ids=str)
def test_a_planted_defect_is_found_at_its_iteration(plant):
    """Held against the balls of the true reference, whichever tree it is in."""
    finding = find(plant)
    assert finding.as_expected, complaint(finding)


@OF_A_ROW
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_reference_itself_is_inside_its_balls(row, dtype):
    balls = engine_balls(reference(row), dtype, "eager")
    assert not outside(float_rates(reference(row), dtype), balls)
