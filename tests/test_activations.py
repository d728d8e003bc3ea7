"""Every activation on every engine: values and derivatives lie in their rounding balls.

The cases, their inputs and the engines are in ``equivalence/plants/cases/activations.py``; what
departs is in ``equivalence/defects/functions.py``, and must be found here, and be explained by
its model.
"""

from dataclasses import dataclass
from functools import cache

import keras
import numpy as np
import pytest
from flint import arb
from helpers.differentiation import assert_agree, normal, summed
from helpers.turns import RING, thinned
from hypothesis import given
from hypothesis import strategies as st

from equivalence.arithmetic import ExactArray
from equivalence.arithmetic.exact import precision
from equivalence.arithmetic.precisions import NAMES as DTYPES
from equivalence.defects.functions import FUNCTION_DEFECTS, matching
from equivalence.engines import build as tensorflow_runner
from equivalence.judge.certificate import rounding_model
from equivalence.judge.derivative import BITS
from equivalence.judge.verdict import BIT_IDENTICAL, DIFFERENT, ROUNDING_IDENTICAL, judge
from equivalence.pairs.table import Pair
from equivalence.plants.cases.activations import (
    BY_NAME,
    CASES,
    ENGINES,
    PARTS,
    REFERENCE,
    TWINS,
    WIDTH,
    ask,
    balls,
    first_outside,
    inputs,
    of_keras,
    reference,
    tensorflow,
)
from equivalence.plants.killrate import complaint, find
from equivalence.plants.tables.activations import PLANTS
from equivalence.steps.program import program

pytestmark = pytest.mark.tensorflow

NAMES = [case.name for case in CASES]
OUTER = (("float64", "eager"), ("float64", "xla"))  # float64 has a graph in every ring

# What TensorFlow computes of all activations at once, by precision and engine.
RUNS = [
    pytest.param(dtype, engine, marks=pytest.mark.outer if (dtype, engine) in OUTER else ())
    for dtype in DTYPES
    for engine in ENGINES
]

# Where a graph compiler has rewritten an IEEE-only activation: bits are claimed elsewhere.
REWRITTEN = {
    "HardSigmoid": ("graph", "xla"),  # a division by the constant 6 became a product
    "HardSiLU": ("graph", "xla"),
    "Squareplus": ("xla",),  # x x + b became one operation
    "Squareplus(2,)": ("xla",),
}
# Kinks at which an engine takes the other one-sided derivative; KINKS says which.
OTHER_SIDE = {
    ("SELU", "tape", "xla"): 0.0,
    ("SELU", "keras", "xla"): 0.0,
    **{("GeneralReLU(0.0, 6.0, 0.0)", "keras", engine): 6.0 for engine in ENGINES},
}


def outside(case, dtype, engine, twin, values, activation=None, slack=0):
    """Return what lies outside its ball: (part, index, value, ball) of the first of each part.

    A ball without a bound, where a comparison is undecided or something overflows, says
    nothing; there the value must be that of NumPy, infinite or not, or be nearer to it
    than ``slack`` units of rounding.
    """
    ignored = inputs(case, dtype) == OTHER_SIDE.get((case.name, twin, engine), np.nan)
    return first_outside(
        PARTS,
        values,
        reference(case, dtype, activation),
        balls(case, dtype, engine, activation),
        ignored,
        near=slack * rounding_model(dtype, engine).unit,
    )


# ------------------------------------------------------------------- what must hold


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("dtype", "engine"), RUNS)
def test_values_and_derivatives_lie_in_their_balls(name, dtype, engine):
    case = BY_NAME[name]
    assert outside(case, dtype, engine, "numpy", reference(case, dtype)) == []
    for twin in TWINS:
        if not matching(case.build(REFERENCE), twin, engine, dtype):
            values = tensorflow(engine, dtype)[name, twin]
            assert outside(case, dtype, engine, twin, values) == [], twin


@pytest.mark.parametrize("name", [case.name for case in CASES if not case.rough])
@pytest.mark.parametrize(("dtype", "engine"), RUNS)
def test_what_ieee_alone_decides_is_bit_identical(name, dtype, engine):
    case = BY_NAME[name]
    expected = reference(case, dtype)
    for twin in TWINS:
        if engine in REWRITTEN.get(name, ()) or (name, twin, engine) in OTHER_SIDE:
            continue
        if matching(case.build(REFERENCE), twin, engine, dtype):
            continue
        for part, value, same in zip(PARTS, tensorflow(engine, dtype)[name, twin], expected):
            assert np.array_equal(value, same), (twin, part)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_most_balls_are_bounded_and_narrow(name, dtype):
    """No tolerance, but a measure of use: float64 tanh alone may be off by 24.4 ULP, 49 units."""
    case = BY_NAME[name]
    narrow = {"float32": 100, "float64": 200}[dtype]
    for ball in balls(case, dtype, "eager"):
        bounded = np.isfinite(ball.rad)
        assert bounded.mean() > 0.9
        relative = ball.rad[bounded] / np.maximum(np.abs(ball.mid[bounded]), 1e-3)
        assert np.median(relative) < narrow * rounding_model(dtype, "eager").unit


def test_all_of_keras_activations_are_here():
    here = {getattr(of_case, "__name__", of_case) for of_case in map(_keras_name, CASES)}
    theirs = {
        name
        for name in dir(keras.activations)
        if not name.startswith("_") and name not in ("get", "serialize", "deserialize")
    }
    assert theirs - {"swish", "hard_swish"} <= here
    assert keras.activations.swish is keras.activations.silu
    assert keras.activations.hard_swish is keras.activations.hard_silu


def _keras_name(case):
    """Return the name of the Keras function that a case is compared with."""
    names = {"general_relu": "relu", "gelu_tanh": "gelu"}
    name = case.build(REFERENCE).name
    return names.get(name, name)


def _exact(activation):
    """Return the activation; of GELU with 2 / sqrt(pi) itself, for its float64."""
    if type(activation) is REFERENCE.GELU:
        activation = REFERENCE.GELU()
        activation.two_over_root_pi = ExactArray(2 / arb.pi().sqrt())
    return activation


def check_derivative(activation, seed):
    """Hold the vector-Jacobian product of an activation against differentiation."""
    rng = np.random.default_rng(seed)
    with precision(BITS):
        activation = _exact(activation)
        x = ExactArray(2 * normal(rng, 3, 4))
        y = activation.forward(x)
        yb = ExactArray(normal(rng, *y.shape))
        xb = activation.backward(yb, x, y)
        assert_agree("xb", xb, x, lambda x: summed(yb * activation.forward(x)))


@pytest.mark.parametrize("name", [n for n in NAMES if n != "BinaryStep"])
@given(seed=st.integers(0, 2**32 - 1))
def test_an_activation_pulls_random_cotangents_back_as_its_derivative_does(name, seed):
    check_derivative(BY_NAME[name].build(REFERENCE), seed)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_the_dtype_and_leading_axes_are_kept(name, dtype):
    activation = BY_NAME[name].build(REFERENCE)
    x = np.random.default_rng(0).normal(size=(2, 3, 4, WIDTH)).astype(dtype)
    y = activation.forward(x)
    xb = activation.backward(np.ones_like(y), x, y)
    assert y.dtype == xb.dtype == np.dtype(dtype)
    assert xb.shape == x.shape
    alone = activation.forward(x[1, 2])
    assert np.array_equal(y[1, 2], alone)
    assert np.array_equal(xb[1, 2], activation.backward(np.ones_like(alone), x[1, 2], alone))


def test_gelu_and_its_approximation_are_two_functions():
    x = np.linspace(-5, 5, 10001)
    apart = np.abs(REFERENCE.GELU().forward(x) - REFERENCE.GELUTanh().forward(x))
    assert 4e-4 < apart.max() < 5e-4


def test_sparsemax_is_the_nearest_point_of_the_simplex():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 5))
    y = REFERENCE.Sparsemax().forward(x)
    assert np.allclose(y.sum(axis=-1), 1)
    others = rng.dirichlet(np.ones(5), size=(200, 200))
    distance = np.sum((others - x[:, None]) ** 2, axis=-1)
    assert (np.sum((y - x) ** 2, axis=-1)[:, None] <= distance).all()


# ----------------------------------------------------------------------------- kinks


@dataclass(frozen=True)
class Kink:
    """A point where the two one-sided derivatives differ, and which one everybody takes.

    sides: the derivatives from the left and from the right.
    taken: by NumPy's reference, eager, graph and XLA; the last three by Keras's function.
    """

    case: str
    point: float
    sides: tuple
    taken: tuple


SCALE, SCALE_ALPHA = 1.0507009873554805, 1.7580993408473768
# fmt: off
KINKS = (
    Kink("ReLU", 0.0, (0, 1), (0, 0, 0, 0)),
    Kink("ReLU6", 0.0, (0, 1), (0, 0, 0, 0)),
    Kink("ReLU6", 6.0, (1, 0), (0, 0, 0, 0)),
    Kink("LeakyReLU", 0.0, (0.2, 1), (0.2, 0.2, 0.2, 0.2)),
    Kink("LeakyReLU(0.3,)", 0.0, (0.3, 1), (0.3, 0.3, 0.3, 0.3)),
    Kink("GeneralReLU(0.0, 2.0, 0.0)", 0.0, (0, 1), (0, 0, 0, 0)),
    Kink("GeneralReLU(0.0, 2.0, 0.0)", 2.0, (1, 0), (1, 1, 1, 1)),
    Kink("GeneralReLU(0.0, 6.0, 0.0)", 0.0, (0, 1), (0, 0, 0, 0)),
    Kink("GeneralReLU(0.0, 6.0, 0.0)", 6.0, (1, 0), (1, 0, 0, 0)),  # Keras calls relu6
    Kink("GeneralReLU(0.25, None, 0.0)", 0.0, (0.25, 1), (0.25, 0.25, 0.25, 0.25)),
    Kink("GeneralReLU(0.25, 3.0, 0.0)", 0.0, (0.25, 1), (0.25, 0, 0, 0)),  # a defect
    Kink("GeneralReLU(0.25, 3.0, 0.0)", 3.0, (1, 0), (1, 1, 1, 1)),
    Kink("GeneralReLU(0.0, None, 0.5)", 0.5, (0, 1), (0, 0, 0, 0)),  # a jump
    Kink("GeneralReLU(0.25, 3.0, 0.5)", 0.5, (0.25, 1), (0.25, 0, 0, 0)),  # a jump and a defect
    Kink("GeneralReLU(0.25, 3.0, 0.5)", 3.0, (1, 0), (1, 1, 1, 1)),
    Kink("GeneralReLU(1.0, 2.0, 0.5)", 2.0, (1, 0), (1, 1, 1, 1)),
    Kink("HardTanh", -1.0, (0, 1), (1, 1, 1, 1)),
    Kink("HardTanh", 1.0, (1, 0), (1, 1, 1, 1)),
    Kink("HardSigmoid", -3.0, (0, 1 / 6), (0, 0, 0, 0)),
    Kink("HardSigmoid", 3.0, (1 / 6, 0), (0, 0, 0, 0)),
    Kink("HardSiLU", -3.0, (0, -0.5), (0, 0, 0, 0)),
    Kink("HardSiLU", 3.0, (1.5, 1), (1, 1, 1, 1)),
    Kink("HardShrink", -0.5, (1, 0), (0, 0, 0, 0)),  # a jump
    Kink("HardShrink", 0.5, (0, 1), (0, 0, 0, 0)),  # a jump
    Kink("SoftShrink", -0.5, (1, 0), (0, 0, 0, 0)),
    Kink("SoftShrink", 0.5, (0, 1), (0, 0, 0, 0)),
    Kink("Threshold(0.5, 0.25)", 0.5, (0, 1), (0, 0, 0, 0)),  # a jump
    Kink("SparseSigmoid", -1.0, (0, 0.5), (0, 0, 0, 0)),
    Kink("SparseSigmoid", 1.0, (0.5, 0), (0, 0, 0, 0)),
    Kink("BinaryStep", 0.0, (0, 0), (0, 0, 0, 0)),  # a jump
    Kink("ELU(0.5,)", 0.0, (0.5, 1), (0.5, 0.5, 0.5, 0.5)),
    Kink("SELU", 0.0, (SCALE_ALPHA, SCALE), (SCALE, SCALE, SCALE, SCALE_ALPHA)),
    # No kinks, but points where one rule meets another:
    Kink("ELU", 0.0, (1, 1), (1, 1, 1, 1)),
    Kink("CELU", 0.0, (1, 1), (1, 2, 2, 2)),  # a defect
    Kink("CELU(0.5,)", 0.0, (1, 1), (1, 2, 2, 2)),  # a defect
    Kink("SparsePlus", -1.0, (0, 0), (0, 0, 0, 0)),
    Kink("SparsePlus", 1.0, (1, 1), (1, 1, 1, 1)),
    Kink("Softsign", 0.0, (1, 1), (1, 1, 1, 1)),
    Kink("Linear", 0.0, (1, 1), (1, 1, 1, 1)),
)
# fmt: on


@cache
def _at_kinks(dtype):
    """Return {(kink, x): the derivatives of NumPy and of Keras on every engine}, both zeros."""
    keys = [
        (kink, x) for kink in KINKS for x in ((0.0, -0.0) if kink.point == 0 else (kink.point,))
    ]
    xs = [np.full((1, 1), x, dtype) for _, x in keys]
    ones = [np.ones_like(x) for x in xs]
    answers = [of_keras(BY_NAME[kink.case]) for kink, _ in keys]
    taken = [[] for _ in keys]
    for k, (kink, _) in enumerate(keys):
        activation = BY_NAME[kink.case].build(REFERENCE)
        taken[k].append(activation.backward(ones[k], xs[k], activation.forward(xs[k])))
    for engine in ENGINES:
        for k, (_, xb) in enumerate(ask(engine, answers, xs, ones)):
            taken[k].append(xb)
    return [(kink, [float(xb[0, 0]) for xb in of]) for (kink, _), of in zip(keys, taken)]


@pytest.mark.parametrize("kink", KINKS, ids=lambda kink: f"{kink.case} at {kink.point}")
@pytest.mark.parametrize("dtype", [pytest.param("float64", marks=pytest.mark.outer), "float32"])
def test_everybody_takes_the_derivative_of_the_table_at_a_kink(kink, dtype):
    found = [taken for of, taken in _at_kinks(dtype) if of is kink]
    assert len(found) == (2 if kink.point == 0 else 1)  # 0 and -0
    for taken in found:
        assert taken == pytest.approx(kink.taken, rel=1e-6, abs=0)


@pytest.mark.parametrize("kink", KINKS, ids=lambda kink: f"{kink.case} at {kink.point}")
def test_the_sides_of_a_kink_are_the_derivatives_beside_it(kink):
    activation = BY_NAME[kink.case].build(REFERENCE)
    near = kink.point + np.array([[-1e-7, 1e-7]])
    beside = activation.backward(np.ones_like(near), near, activation.forward(near))
    assert beside[0] == pytest.approx(kink.sides, abs=1e-6)


@pytest.mark.parametrize("dtype", [pytest.param("float64", marks=pytest.mark.outer), "float32"])
def test_the_model_of_sparsemax_is_keras_but_for_the_order_of_its_sums(dtype):
    (row,) = (row for row in ROWS if row.part == "Sparsemax")
    for case, part, of_run, engine, twin in _runs_of(row):
        if of_run == dtype:
            found = tensorflow(engine, dtype)[case.name, twin]
            expected = reference(case, dtype, row.model(part))
            finite = np.isfinite(np.concatenate(expected, axis=-1)).all(axis=-1)
            for value, same in zip(found, expected):
                largest = np.maximum(np.max(np.abs(same[finite]), axis=-1, keepdims=True), 1)
                apart = np.abs(value - same)[finite] / largest
                assert apart.max() <= 8 * WIDTH * rounding_model(dtype).unit


def test_the_table_of_kinks_is_complete():
    """Where the derivative changes by more than 0.1 within 2e-7, there is a row."""
    for case in CASES:
        points = {kink.point for kink in KINKS if kink.case == case.name}
        x = np.linspace(-8, 8, 64001)[:, None]  # holds every multiple of 1/4000
        if case.name in ("Sparsemax", "Softmax", "LogSoftmax", "GLU", "GeneralReLU(0.1, 0.9, 0.3)"):
            continue  # no functions of one number, or limits that are no floats
        activation = case.build(REFERENCE)
        left, right = (
            activation.backward(np.ones_like(x), x + d, activation.forward(x + d))
            for d in (-1e-7, 1e-7)
        )
        jumps = x[np.abs(right - left) > 0.1]
        assert set(np.round(jumps, 9)) <= points, case.name


# --------------------------------------------------------------------------- defects


def _runs_of(row):
    for case in CASES:
        part = case.build(REFERENCE)
        for dtype in row.dtypes:
            for engine in row.engines:
                for twin in row.twins:
                    if RING == "default" and (dtype, engine) in OUTER:
                        continue
                    if matching(part, twin, engine, dtype) is row:
                        yield case, part, dtype, engine, twin


ROWS = [row for row in FUNCTION_DEFECTS if hasattr(REFERENCE, row.part)]
ROWS = [row for row in ROWS if any(type(c.build(REFERENCE)).__name__ == row.part for c in CASES)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_known_defect_shows_on_every_run_of_its_row(row):
    runs = list(_runs_of(row))
    assert runs
    for case, _, dtype, engine, twin in runs:
        values = tensorflow(engine, dtype)[case.name, twin]
        assert outside(case, dtype, engine, twin, values), "mended upstream: the row can go"


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.part != "Sparsemax"], ids=lambda row: row.name
)
def test_the_model_of_a_defect_certifies_its_runs(row):
    for case, part, dtype, engine, twin in _runs_of(row):
        values = tensorflow(engine, dtype)[case.name, twin]
        # SELU's y may round to 0, which decides its derivative: there NumPy's y decides too
        assert outside(case, dtype, engine, twin, values, row.model(part), slack=8) == []


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["GeneralReLU", "LeakyReLU"])
def test_the_model_of_a_defect_gives_keras_bits(name, dtype):
    for row in (row for row in ROWS if row.part == name):
        for case, part, of_run, engine, twin in _runs_of(row):
            if of_run == dtype and engine == "eager":
                found = tensorflow(engine, dtype)[case.name, twin]
                expected = reference(case, dtype, row.model(part))
                for value, same in zip(found, expected):
                    assert np.array_equal(value, same, equal_nan=True)


# ---------------------------------------------------------------------------- plants


@pytest.mark.parametrize("plant", thinned(2, PLANTS), ids=str)
def test_a_wrong_line_is_found(plant):
    finding = find(plant)
    assert finding.as_expected, complaint(finding)


# -------------------------------------------------------------------------- networks

STEPS = 2
UNITS = 4


def _pair(name, network, hidden):
    shapes = ((2, UNITS), (1, UNITS), (hidden, 2), (1, 2))
    rng = np.random.default_rng(1)
    return Pair(
        name,
        "test",
        network=network,
        optimizer=lambda m: m.SGD(0.01),
        start=lambda: tuple(rng.normal(size=shape) for shape in shapes),
        data=lambda: (rng.normal(size=(5, 2)), rng.normal(size=(5, 2))),
        epochs=STEPS,
    )


def _verdict(pair, twin, engine="eager"):
    run = program(pair, "float32")
    runner = tensorflow_runner.runner(pair, run, twin, engine)
    record = runner.run(run, runner.start(run), STEPS)
    return judge(run, record, model=rounding_model("float32", engine), start=run.start()).verdict


def test_keras_dense_does_not_know_that_glu_halves_its_width():
    """So a Sequential model builds the next kernel twice as high as it can use."""
    layer = keras.layers.Dense(UNITS, "glu")
    assert layer.compute_output_shape((5, 2)) == (5, UNITS)
    assert layer(np.ones((5, 2), "float32")).shape == (5, UNITS // 2)


@pytest.mark.parametrize(
    ("name", "twin"),
    thinned(2, [(n, t) for n in NAMES for t in TWINS if (n, t) != ("GLU", "keras")], row=2),
)
def test_every_activation_can_be_hidden_in_a_network(name, twin):
    case = BY_NAME[name]
    hidden = UNITS // 2 if name == "GLU" else UNITS
    pair = _pair(name, lambda m: m.TwoLayer(case.build(m), m.Output()), hidden)
    wanted = (BIT_IDENTICAL, ROUNDING_IDENTICAL)
    if (name, twin) == ("Sparsemax", "keras"):
        wanted = (DIFFERENT,)
    assert _verdict(pair, twin) in wanted


@pytest.mark.parametrize("name", thinned(2, [n for n in NAMES if n != "GLU"]))
def test_every_activation_can_be_the_output_of_a_network(name):
    case = BY_NAME[name]
    pair = _pair(name, lambda m: m.TwoLayer(m.Tanh(), m.Output(case.build(m))), UNITS)
    assert _verdict(pair, "tape") in (BIT_IDENTICAL, ROUNDING_IDENTICAL)
