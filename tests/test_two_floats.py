"""Arithmetic of two floats against exact numbers, and float64 runs whose balls rest on it."""

from dataclasses import dataclass, replace
from time import process_time
from typing import Any

import numpy as np
import pytest
from flint import arb
from helpers.turns import thinned

from equivalence import cli
from equivalence.arithmetic import midpoints, products, rounding, two_floats
from equivalence.arithmetic.error_free import split, total, two_sum
from equivalence.arithmetic.exact import ExactArray, precision
from equivalence.arithmetic.midpoints import SETTING, TWO_FLOATS, midpoint_format
from equivalence.arithmetic.rounding import OWN_UNITS, Model, RoundingArray
from equivalence.arithmetic.special import wide_erfc
from equivalence.arithmetic.two_floats import TwoFloats, parts
from equivalence.judge.certificate import check, enclose_steps, rounding_model
from equivalence.pairs.table import PAIRS, find
from equivalence.runs.run import Spec, run
from equivalence.steps import numpy as numpy_runner
from equivalence.steps.program import program
from refimpl import functions

pytestmark = pytest.mark.tensorflow

BITS = 2400  # more than from 2^-1074 to 2^1024
MANY = 2500  # numbers of a kind; some twenty kinds
UNDERFLOW = 2.0**-1072  # what all float64 underflows of one operation may lose
BASIC, LIBRARY = 2.0**-74, 2.0**-66


@pytest.fixture
def by_two_floats(monkeypatch):
    """Make float64 runs of this process, and of those that it starts, rest on two floats."""
    monkeypatch.setenv(SETTING, TWO_FLOATS)


def exactly(x):
    """Return numbers as a flat list of arb."""
    hi, lo = (np.ravel(part) for part in (x.hi, x.low))
    return [arb(h) + arb(low) for h, low in zip(hi.tolist(), lo.tolist())]


def worst(values, true, absolute=0.0):
    """Return the largest relative error beyond an absolute one, of finite results."""
    errors = [0.0]
    for value, exact in zip(exactly(values), true):
        apart = abs(value - exact) - arb(absolute)
        if value.is_finite() and not apart <= 0:
            errors.append(float((apart / abs(exact)).upper()) if exact != 0 else np.inf)
    return max(errors)


def with_low_parts(hi, rng, share=2 / 3):
    """Return floats as the high parts of TwoFloats, of which two in three have low parts."""
    hi = np.asarray(hi, np.float64)
    lo = rng.uniform(-0.5, 0.5, hi.shape) * np.spacing(np.abs(hi))
    return TwoFloats(*two_floats.fast_two_sum(hi, np.where(rng.random(hi.shape) < share, lo, 0)))


def powers(low, high):
    """Return a drawer of numbers of either sign between two powers of 10."""

    def draw(rng):
        return 10.0 ** rng.uniform(low, high, MANY) * rng.choice([-1, 1], MANY)

    return draw


def around(centre, apart):
    return lambda rng: centre + rng.uniform(-apart, apart, MANY)


def next_to(centre, low, high):
    return lambda rng: centre + powers(low, high)(rng)


def ends(rng):
    """Return the ends of the range: the least and largest numbers, normal and subnormal."""
    least = np.array([5e-324, 1.5e-323, 2.225e-308, 2.2250738585072014e-308, 1e-300])
    return np.concatenate([least, -least, 1 / least[3:], [1.7e308, 1e300, 2.0**997, 1.0]])


RANGES = {
    "moderate": powers(-10, 10),
    "wide": powers(-140, 140),
    "whole range": powers(-307, 307),
    "tiny": powers(-323, -290),
    "huge": powers(290, 308),
    "ends": ends,
}
OPERATIONS = {
    "add": (np.add, lambda a, b: a + b, 3 * 2.0**-106),
    "subtract": (np.subtract, lambda a, b: a - b, 3 * 2.0**-106),
    "multiply": (np.multiply, lambda a, b: a * b, BASIC),
    "divide": (np.divide, lambda a, b: a / b, BASIC),
}


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("other", RANGES)
@pytest.mark.parametrize("one", RANGES)
def test_a_basic_operation_is_as_good_as_its_bound(name, one, other):
    rng = np.random.default_rng(len(one) * 31 + len(other))
    operation, exact, bound = OPERATIONS[name]
    a, b = (with_low_parts(RANGES[kind](rng), rng) for kind in (one, other))
    count = min(a.size, b.size, MANY // 5)
    a, b = a[:count], b[:count]
    with precision(BITS), np.errstate(all="ignore"):
        result = operation(a, b)
        true = [exact(x, y) for x, y in zip(exactly(a), exactly(b))]
        assert worst(result, true, UNDERFLOW) <= bound
        plain = operation(a.hi, b.hi)  # nothing is lost that float64 holds, but at its very end
    lost = np.isfinite(plain) & ~np.isfinite(result.hi)
    assert (np.abs(plain[lost]) > 1.79e308).all()
    assert np.isinf(result.hi[np.isinf(plain)]).all()


@pytest.mark.parametrize("kind", RANGES)
def test_a_root_is_as_good_as_its_bound(kind):
    rng = np.random.default_rng(7)
    x = np.abs(with_low_parts(RANGES[kind](rng), rng))
    with precision(BITS), np.errstate(over="ignore"):
        assert worst(np.sqrt(x), [value.sqrt() for value in exactly(x)]) <= BASIC


@dataclass(frozen=True)
class Library:
    """A library function, the same of flint, and what its arguments are drawn from."""

    name: str
    function: Any
    exact: Any
    draws: tuple


SMALL = (powers(-10, 0), powers(-322, -10), around(0, 1))
LIBRARY_FUNCTIONS = (
    Library("exp", np.exp, arb.exp, (*SMALL, around(0, 40), around(-20, 729))),
    Library("expm1", np.expm1, arb.expm1, (*SMALL, around(0, 40), around(330, 379))),
    Library(
        "log",
        lambda x: np.log(np.abs(x)),
        lambda x: abs(x).log(),
        (powers(-10, 10), powers(-323, 308), around(1, 0.3), next_to(1, -16, -2), ends),
    ),
    Library(
        "log1p",
        lambda x: np.log1p(np.abs(x)),
        lambda x: abs(x).log1p(),
        (*SMALL, powers(-10, 10), powers(290, 308), powers(-3, -2)),
    ),
    Library(
        "log1p of negative numbers",
        lambda x: np.log1p(-np.abs(x)),
        lambda x: (-abs(x)).log1p(),
        (powers(-323, -0.001), powers(-3, -2)),
    ),
    Library("tanh", np.tanh, arb.tanh, (*SMALL, around(0, 50), powers(1, 300), powers(-3, -2))),
    Library("sin", np.sin, arb.sin, (*SMALL, around(0, 7), powers(0, 6), powers(6, 300))),
    Library("cos", np.cos, arb.cos, (*SMALL, around(0, 7), powers(0, 6), powers(6, 300))),
    Library("sin near its zeros", np.sin, arb.sin, (around(np.pi, 1e-15), around(0, 1e-300))),
    Library("cos near its zeros", np.cos, arb.cos, (around(np.pi / 2, 1e-15),)),
    Library("erfc", wide_erfc, arb.erfc, (around(0, 27), around(0, 1))),
)


@pytest.mark.parametrize("row", LIBRARY_FUNCTIONS, ids=[row.name for row in LIBRARY_FUNCTIONS])
def test_a_library_function_is_as_good_as_its_bound(row):
    """Within 2^-66, which is 4 of the 8 units that a ball owns for it."""
    assert LIBRARY <= (OWN_UNITS - 2) * two_floats.UNIT / 2
    rng = np.random.default_rng(11)
    for draw in row.draws:
        x = with_low_parts(draw(rng), rng)
        with np.errstate(all="ignore"):
            values = row.function(x)
        with precision(600):
            assert worst(values, [row.exact(v) for v in exactly(x)], UNDERFLOW) <= LIBRARY


def test_a_power_is_as_good_as_what_a_ball_owns_of_it():
    """That is OWN_UNITS + |b| units (``RoundingArray.power``)."""
    rng = np.random.default_rng(12)
    a = np.abs(with_low_parts(powers(-5, 5)(rng), rng))
    b = with_low_parts(rng.uniform(-60, 60, MANY), rng)
    with precision(400):
        true = [x**y for x, y in zip(exactly(a), exactly(b))]
        share = TwoFloats(1 / ((OWN_UNITS + np.abs(b.hi)) * two_floats.UNIT))
        apart = [abs(v - t) / t for v, t in zip(exactly(np.power(a, b)), true)]
    assert all(float(x.upper()) * s <= 1 for x, s in zip(apart, share.hi))
    negative = np.power(TwoFloats(np.array([-2.0, -2.0, 0.0, -2.0])), np.array([3.0, 2, 2, 0.5]))
    assert negative.hi[:3].tolist() == [-8, 4, 0] and np.isnan(negative.hi[3])


def test_a_sum_is_without_loss_though_everything_cancels():
    rng = np.random.default_rng(3)
    x = with_low_parts(powers(-30, 30)(rng).reshape(50, -1), rng)
    x = np.concatenate([x, -x[::-1] * (1 + 2.0**-40)])
    for axis in (0, -1, None):
        with precision(BITS):
            along = np.moveaxis(x, -1 if axis is None else axis, -1)
            rows = along.reshape(1, -1) if axis is None else along
            true = [sum(exactly(row), arb(0)) for row in rows]
            size = np.sum(np.abs(rows.hi), axis=-1)
            sums = exactly(np.sum(x, axis=axis).reshape(-1))
        n = rows.shape[-1]
        assert all(
            float(abs(s - t).upper()) <= n * 2.0**-104 * m for s, t, m in zip(sums, true, size)
        )


def test_splitting_and_adding_are_free_of_error_in_the_whole_range():
    rng = np.random.default_rng(4)
    x = np.concatenate([draw(rng) for draw in RANGES.values()])
    head, tail = split(x)
    assert (head + tail == x).all() and (np.abs(tail) <= 2.0**-25 * np.abs(x)).all()
    mantissa, _ = np.frexp(head)
    assert (mantissa * 2.0**26 == np.rint(mantissa * 2.0**26)).all()
    a, b = rng.permutation(x), rng.permutation(x)
    with precision(BITS), np.errstate(over="ignore", invalid="ignore"):
        s, e = two_sum(a, b)
        fits = np.isfinite(s)
        given = zip(*(part[fits].tolist() for part in (a, b, s, e)))
        assert all(arb(p) + arb(q) == arb(r) + arb(t) for p, q, r, t in given)
    assert total(np.zeros((0, 3)), 0)[0].tolist() == [0, 0, 0]


@pytest.mark.parametrize("spread", [0, 3, 12])
@pytest.mark.parametrize("shape", [(3, 4, 5), (2, 30, 7), (60, 50, 40)], ids=str)
def test_a_matmul_lies_within_its_bounds(shape, spread):
    """Of a stack of matrices, small and large; of the small ones element by element."""
    p, n, q = shape
    rng = np.random.default_rng(5)
    draw = lambda *s: rng.normal(size=s) * 10.0 ** rng.uniform(-spread, spread, s)
    a, b = with_low_parts(draw(2, p, n), rng), with_low_parts(draw(n, q), rng)
    mid, error = products.midpoint(a, b)
    size = np.abs(a.hi) @ np.abs(b.hi)
    limit = error + (n + 1) * two_floats.UNIT * size
    with precision(500):
        for k in range(2):
            x, y = (np.array(exactly(m), object).reshape(m.shape) for m in (a[k], b))
            apart = np.array(exactly(mid[k])).reshape(p, q) - x @ y
            assert all(abs(d) <= arb(t) for d, t in zip(apart.ravel(), limit[k].ravel().tolist()))
    assert (limit <= 2.0**-58 * size.max()).all()


def test_comparisons_and_choices_see_the_low_parts():
    a = TwoFloats(np.array([1.0, 1, 1, -2]), np.array([2.0**-60, 0, -(2.0**-60), 0]))
    assert (a > 1).tolist() == [True, False, False, False]
    assert np.greater_equal(1.0, a).tolist() == [False, True, True, True]
    assert (a == np.ones(4)).tolist() == [False, True, False, False]
    assert (np.maximum(a, 1.0) == np.max(a)).tolist() == [True, False, False, False]
    assert parts(np.minimum(a, 1.0))[1].tolist() == [0, 0, -(2.0**-60), 0]
    assert np.isnan(np.maximum(TwoFloats(np.array(np.nan)), 1.0).hi)
    assert np.isnan(np.maximum(1.0, TwoFloats(np.array(np.nan))).hi)
    low, high = (np.nextafter(a, end) for end in (-np.inf, np.inf))
    assert (low < a).all() and (a < high).all() and ((high - low) < 2.0**-97).all()


@pytest.mark.parametrize(
    "move",
    [
        lambda x: x.T,
        lambda x: x.mT,
        lambda x: x.transpose(1, 0, 2),
        lambda x: x.reshape(4, 6),
        lambda x: x[1:, 0],
        lambda x: x.ravel(),
        lambda x: x.swapaxes(0, 2),
        lambda x: x.take([1, 0], 0),
    ],
)
def test_balls_are_moved_as_arrays_are(by_two_floats, move):
    hi = np.arange(24.0).reshape(2, 3, 4)
    ball = RoundingArray(TwoFloats(hi, 2.0**-60 * hi), hi, Model("float64"))
    moved = move(ball)
    assert (moved.mid.hi == move(hi)).all() and (moved.rad == move(hi)).all()
    assert (moved.mid.lo == 2.0**-60 * move(hi)).all()


def test_padding_pads_the_number_and_not_its_parts():
    a = TwoFloats(np.array([1.0]), np.array([2.0**-60]))
    padded = np.pad(a, 1, constant_values=0.5)
    assert padded.hi.tolist() == [0.5, 1, 0.5] and padded.lo.tolist() == [0, 2.0**-60, 0]
    edge = np.pad(a, 1, mode="edge")
    assert edge.lo.tolist() == [2.0**-60] * 3


def test_whole_numbers_of_64_bits_and_of_longdouble_keep_their_bits():
    words = np.array([2**64 - 1, 2**53 + 1, 3], np.uint64)
    assert [int(h) + int(lo) for h, lo in zip(*parts(TwoFloats.of(words)))] == words.tolist()
    assert TwoFloats.of(words[1:]).astype(np.uint64).tolist() == words[1:].tolist()
    third = np.longdouble(1) / 3
    assert TwoFloats.of(third).hi == 1 / 3
    assert TwoFloats.of(third).low == np.float64(third - np.longdouble(1 / 3))
    assert np.floor(TwoFloats(np.array(2.0**60), np.array(-0.5))).astype(np.int64) == 2**60 - 1


def test_what_two_floats_have_no_answer_for_is_refused():
    for call in (np.asarray, np.cbrt, np.median):
        with pytest.raises(TypeError):
            call(TwoFloats(np.ones(3)))


# ------------------------------------------------------------------ the setting


def test_the_setting_chooses_and_is_checked(monkeypatch, capsys):
    monkeypatch.delenv(SETTING, raising=False)
    usual = midpoints.LONGDOUBLE if midpoints.longdouble_is_wider() else TWO_FLOATS
    assert midpoints.setting() == usual
    monkeypatch.setenv(SETTING, TWO_FLOATS)
    assert midpoint_format("float64").kind is TwoFloats
    assert midpoint_format("float32").kind == np.float64
    monkeypatch.setenv(SETTING, "quad")
    assert cli.main(["pairs"]) == 2
    assert "EQUIVALENCE_MIDPOINTS='quad'" in capsys.readouterr().err
    with pytest.raises(ValueError, match="use longdouble or two-floats, or unset it"):
        Model("float64").array(np.ones(2))


def test_where_longdouble_is_float64_two_floats_are_taken_by_themselves(monkeypatch):
    monkeypatch.delenv(SETTING, raising=False)
    monkeypatch.setattr(midpoints, "longdouble_is_wider", lambda: False)
    assert midpoint_format("float64").kind is TwoFloats
    monkeypatch.setenv(SETTING, midpoints.LONGDOUBLE)
    with pytest.raises(ValueError, match="is no wider than float64: use two-floats"):
        midpoint_format("float64")


# ------------------------------------------------------------- balls at the ends


def test_an_underflow_is_no_exact_zero(by_two_floats):
    """Neither that of a product or quotient, nor that of a matmul."""
    model = Model("float64")
    least = np.array([[5e-324, -1.5e-323]])
    exact = RoundingArray(TwoFloats(least), np.zeros_like(least), model)
    with model.propagation_only():
        for result in (exact * 0.5, exact / 4.0, exact @ np.full((2, 1), 0.25)):
            assert (result.rad > 0).all()


def test_an_underflow_hides_no_sign(by_two_floats):
    """Of two numbers of either sign whose product underflows: their sum may have both (L8')."""
    model = Model("float64")
    one, other = (
        RoundingArray(np.array([m]), np.array([1e-201]), model) for m in (1e-200, -1e-200)
    )
    total = one + other
    assert (total.mid - total.rad < 0).all() and (total.mid + total.rad > 0).all()


def test_an_overflow_is_noted(by_two_floats):
    model = Model("float64")
    big = model.array(np.array([1e300, 1.0]))
    with np.errstate(all="ignore"):
        product = big * big
    assert np.isinf(product.rad).tolist() == [True, False] and model.notes == ["overflow"]
    largest = model.array(np.array([model.largest, 2.0**1000, -(2.0**1010)]))
    assert np.isfinite((largest * 1.0).rad).all() and np.isfinite((largest / 3.0).rad).all()


@dataclass(frozen=True)
class Operation:
    """An operation of the reference, and the least and largest size of its operands."""

    name: str
    compute: Any
    smallest: float = 1e-5
    largest: float = 1e5
    positive: bool = False


BALLS = (
    Operation("add", lambda a, b: a + b),
    Operation("subtract", lambda a, b: a - b),
    Operation("multiply", lambda a, b: a * b, 1e-160, 1e150),
    Operation("divide", lambda a, b: a / b, 1e-160, 1e140),
    Operation("remainder", lambda a, b: np.abs(a) % 7.0, 1e-3, 1e5),
    Operation("maximum", lambda a, b: np.maximum(a, b)),
    Operation("minimum", lambda a, b: np.minimum(a, b)),
    Operation("square", lambda a, b: np.square(a), 1e-160, 1e150),
    Operation("root", lambda a, b: np.sqrt(a), 1e-300, 1e300, positive=True),
    Operation("exp", lambda a, b: np.exp(a), 1e-8, 500),
    Operation("expm1", lambda a, b: np.expm1(a), 1e-8, 500),
    Operation("log", lambda a, b: np.log(a), 1e-300, 1e300, positive=True),
    Operation("log near 1", lambda a, b: np.log(1 + a), 1e-9, 1e-2),
    Operation("log1p", lambda a, b: np.log1p(a), 1e-9, 1e9, positive=True),
    Operation("tanh", lambda a, b: np.tanh(a), 1e-8, 30),
    Operation("sin", lambda a, b: np.sin(a), 1e-3, 7),
    Operation("cos", lambda a, b: np.cos(a), 1e-3, 7),
    Operation("erfc", lambda a, b: functions.erfc(a), 1e-3, 26),
    Operation("power", lambda a, b: a**0.3, 1e-300, 1e300, positive=True),
    Operation("power of 100", lambda a, b: a**100.0, 0.5, 2),
    Operation("absolute", lambda a, b: np.abs(a)),
    Operation("sum", lambda a, b: np.sum(a, axis=-1)),
    Operation("max", lambda a, b: np.max(a, axis=-1)),
    Operation("matmul", lambda a, b: a @ b.mT),
    Operation("log of a sum", lambda a, b: np.log(np.sum(np.exp(a), axis=-1)), 1e-3, 20),
)


BY_NAME = {row.name: row for row in BALLS}


def drawn_balls(row, rng, model, widths=(0, 1e-9, 1e-2)):
    """Return two arrays of balls, and the exact numbers at ends of them or within."""
    for _ in range(2):
        size = 10 ** rng.uniform(*np.log10([row.smallest, row.largest]), (6, 5))
        mid = with_low_parts(size if row.positive else size * rng.choice([-1, 1], (6, 5)), rng)
        rad = size * rng.choice(widths, (6, 5))
        share = rng.choice([-1, 1, 0.5], (6, 5))
        at = [m + arb(s) * arb(r) for m, s, r in zip(exactly(mid), share.ravel(), rad.ravel())]
        yield RoundingArray(mid, rad, model), ExactArray(np.array(at, object).reshape(6, 5))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("row", BALLS, ids=[row.name for row in BALLS])
def test_what_a_ball_carries_holds_every_exact_result(by_two_floats, row, seed):
    """Without any rounding of the run's: midpoints and radii alone."""
    rng, model = np.random.default_rng(seed), Model("float64")
    with precision(800), np.errstate(all="ignore"):
        (a, a_exact), (b, b_exact) = drawn_balls(row, rng, model)
        with model.propagation_only():
            ball = row.compute(a, b)
        true = row.compute(a_exact, b_exact).values.ravel()
        mid, rad = exactly(ball.mid.reshape(-1)), np.broadcast_to(ball.rad, ball.shape).ravel()
        inside = [not np.isfinite(r) or (m - t).abs_lower() <= r for m, t, r in zip(mid, true, rad)]
    assert all(inside)
    assert np.isfinite(rad).mean() > 0.6


def test_whole_numbers_sum_exactly_below_2_to_53_alone(by_two_floats):
    """A radius of float64 rounds 2^53 + 1 to 2^53 (L6')."""
    model = Model("float64")
    beyond = model.array(np.array([2.0**53, 1.0, 1.0]))
    assert (np.sum(beyond, axis=-1).rad > 0).all()
    assert ((beyond[None] @ np.ones((3, 1))).rad > 0).all()
    within = model.array(np.array([2.0**53 - 4, 1.0, 1.0]))
    assert (np.sum(within, axis=-1).rad == 0).all()


def test_magnitudes_that_sum_to_the_largest_float_may_overflow(by_two_floats):
    """As computed they do not exceed it: one after the other, the addends are lost."""
    model = Model("float64")
    x = np.array([model.largest / 2, -model.largest / 2, *[2.0**969] * 5])
    ball = np.sum(model.array(x), axis=-1)
    assert np.isinf(ball.rad) and model.notes == ["overflow"]


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1.0, 1e150])
def test_balls_hold_exact_results_of_numbers_of_every_size(by_two_floats, scale):
    """A short program whose intermediate numbers leave float64's normal range at one scale."""
    rng, model = np.random.default_rng(8), Model("float64")
    x, y = rng.normal(size=(2, 4, 5)) * scale
    with np.errstate(all="ignore"):
        a, b = model.array(x), model.array(y)
        ball = np.sqrt(np.square(a) + np.square(b)) - a * b / (np.abs(b) + np.abs(a))
    with precision(BITS):
        for value, p, q, rad in zip(exactly(ball.mid), x.ravel(), y.ravel(), ball.rad.ravel()):
            p, q = arb(p), arb(q)
            true = (p * p + q * q).sqrt() - p * q / (abs(p) + abs(q))
            assert not np.isfinite(rad) or abs(value - true) <= arb(float(rad))
    assert np.isfinite(ball.rad).all()


# -------------------------------------------------------------------- whole runs

ALONE = [p.name for p in PAIRS.values() if p.group == "optimizers"]
BOOK = ("linear-2-2-2", "relu-softmax-2-2-2", "sigmoid-2-2-2", "iris-minibatch")
LAYERS = (
    "layer-conv2d",
    "layer-lstm",
    "layer-gaussian-noise",
    "layer-multi-head-attention",
    "layer-batch-normalization",
    "layer-maxpooling2d-same",
)


@pytest.mark.parametrize("name", thinned(6, [*ALONE, *BOOK, *LAYERS]))
def test_float64_runs_are_as_expected(by_two_floats, name):
    result = run(Spec(name, "float64", "tape", "graph", epochs=1))
    assert result.expected, result.reason


def narrowest(program, trajectory):
    """Return the radii of all weights, as two formats of midpoints give them."""
    balls = enclose_steps(program, trajectory, rounding_model("float64"))
    return np.concatenate([ball.rad.ravel() for ball in balls.balls["weights"].values()])


@pytest.mark.parametrize("name", [*ALONE[::4], *BOOK[:3]])
def test_radii_are_those_of_extended_precision(monkeypatch, name):
    if not midpoints.longdouble_is_wider():
        pytest.skip("this machine has no extended precision to compare with")
    pair = find(name)
    reference = program(pair, "float64")
    trajectory = numpy_runner.run(reference, reference.start(), 5)
    radii = []
    for kind in midpoints.CHOICES:
        monkeypatch.setenv(SETTING, kind)
        radii.append(narrowest(reference, trajectory).astype(np.float64))
    assert np.allclose(radii[1], radii[0], rtol=1e-2, atol=1e-300)


@pytest.mark.parametrize("stage", ["activations", "gradients", "slots", "weights"])
def test_a_planted_error_is_found_at_its_stage(monkeypatch, stage):
    """One element of one tensor, 2^-36 of itself off, where the format is one or the other."""
    reference = program(find("adam"), "float64", seed=2)
    trajectory = numpy_runner.run(reference, reference.start(), 4)
    found = []
    for kind in midpoints.CHOICES if midpoints.longdouble_is_wider() else (TWO_FLOATS,):
        monkeypatch.setenv(SETTING, kind)
        balls = enclose_steps(reference, trajectory, rounding_model("float64"))
        assert check(trajectory, balls).outside is None
        name = next(iter(trajectory.computed(stage)))
        wrong = {n: a.copy() for n, a in getattr(trajectory, stage).items()}
        at = (2, *(0 for _ in wrong[name].shape[1:]))
        wrong[name][at] *= 1 + 2.0**-36
        place = check(replace(trajectory, **{stage: wrong}), balls).outside
        found.append((place.stage, place.tensor, place.step))
    assert len(set(found)) == 1 and found[0][:2] == (stage, name)


def test_a_certificate_takes_at_most_four_times_the_time(monkeypatch):
    """All pairs of the books but iris, and the weights of a 784-360-10, in one process."""
    if not midpoints.longdouble_is_wider():
        pytest.skip("this machine has no extended precision to compare with")
    names = [p.name for p in PAIRS.values() if p.group == "books" and "iris" not in p.name]
    programs = [program(find(name), "float64") for name in names]
    runs = [(p, numpy_runner.run(p, p.start(), 5)) for p in programs]
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(64, 784)), rng.normal(size=(784, 360))

    def seconds(kind, work):
        """Return the least time of three, in a process that others may slow down."""
        monkeypatch.setenv(SETTING, kind)
        took = []
        for _ in range(3):
            began = process_time()
            work(rounding_model("float64"))
            took.append(process_time() - began)
        return min(took)

    def of_runs(model):
        for reference, trajectory in runs:
            enclose_steps(reference, trajectory, replace(model))

    def of_matmul(model):
        np.tanh(model.array(x) @ model.array(y))

    for work in (of_runs, of_matmul):
        assert seconds(TWO_FLOATS, work) <= 4 * seconds(midpoints.LONGDOUBLE, work)


# --------------------------------------------------------- it would be noticed


def forgetting_the_tail(hi, lo):
    return split(hi)[0], 0.0


def no_error_of_a_sum(a, b):
    return a + b, 0.0 * (a + b)


@dataclass(frozen=True)
class Planted:
    name: str
    where: Any
    attribute: str
    instead: Any
    test: Any


PLANTED = (
    Planted(
        "a product forgets its tails",
        two_floats,
        "_cut",
        forgetting_the_tail,
        lambda: test_a_basic_operation_is_as_good_as_its_bound("multiply", "wide", "wide"),
    ),
    Planted(
        "a sum forgets what it rounds",
        two_floats,
        "two_sum",
        no_error_of_a_sum,
        lambda: test_a_basic_operation_is_as_good_as_its_bound("add", "moderate", "moderate"),
    ),
    Planted(
        "remainders underflow",
        two_floats,
        "SMALL",
        0.0,
        lambda: test_a_basic_operation_is_as_good_as_its_bound("divide", "tiny", "tiny"),
    ),
    Planted(
        "maxima take the second where a number is none",
        two_floats.ANSWERS,
        np.maximum,
        lambda a, b: two_floats.chosen(two_floats.greater(a, b), a, b),
        test_comparisons_and_choices_see_the_low_parts,
    ),
    Planted(
        "exponentials are those of float64",
        two_floats.ANSWERS,
        np.exp,
        lambda x: TwoFloats(np.exp(x.hi)),
        lambda: test_what_a_ball_carries_holds_every_exact_result(None, BY_NAME["exp"], 0),
    ),
    Planted(
        "a number's own radius forgets the low part",
        rounding,
        "narrowed",
        lambda x: getattr(x, "hi", x) * (1 - 2.0**-40),
        lambda: test_what_a_ball_carries_holds_every_exact_result(None, BY_NAME["divide"], 0),
    ),
    Planted(
        "2^53 is taken for a whole sum that did not round",
        Model,
        "largest_whole",
        property(lambda model: 1 / model.unit),
        lambda: test_whole_numbers_sum_exactly_below_2_to_53_alone(None),
    ),
    Planted(
        "magnitudes may sum to the largest float, as computed",
        Model,
        "largest_sum",
        property(lambda model: model.largest),
        lambda: test_magnitudes_that_sum_to_the_largest_float_may_overflow(None),
    ),
)


@pytest.mark.parametrize("plant", PLANTED, ids=[plant.name for plant in PLANTED])
def test_a_defect_of_the_arithmetic_is_found(monkeypatch, by_two_floats, plant):
    if isinstance(plant.where, dict):
        monkeypatch.setitem(plant.where, plant.attribute, plant.instead)
    else:
        monkeypatch.setattr(plant.where, plant.attribute, plant.instead)
    with pytest.raises(AssertionError):
        plant.test()
