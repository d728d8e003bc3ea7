"""The table of rounding errors: its sources held against derivations and measurements."""

from platform import machine

import numpy as np
import pytest
from flint import arb, arb_series, ctx

from equivalence.arithmetic import Model, RoundingArray, bounds, erfc_pieces, special
from equivalence.arithmetic.bounds import MissingRow, largest_ulp
from equivalence.arithmetic.enclosed import enclose
from equivalence.arithmetic.errors import ALL_FLOATS, ROWS, RUNNING, SAMPLED
from equivalence.arithmetic.exact import ExactArray, precision
from equivalence.arithmetic.processor import (
    X86,
    bfloat16_matmul_crashes,
    has_avx512,
    kernels_fuse,
)
from equivalence.arithmetic.two_floats import TwoFloats, size_of
from equivalence.judge.certificate import usage
from equivalence.measure import analysis, scan
from refimpl.activations import GELU, Sigmoid, Softmax, Softplus
from refimpl.functions import erfc
from refimpl.layers import LayerNormalization
from refimpl.losses import CosineSimilarity

pytestmark = pytest.mark.tensorflow

DERIVED = [row for row in ROWS if row.source == RUNNING]
FUNCTIONS = dict.fromkeys((row.function, row.platform) for row in DERIVED)
# Where the errors are largest: tanh before it is clamped, and beyond; XLA's log1p at the
# left end of an approximation that is used too far; the others over their binades.
PLACES = {
    "exp": (-0.35, 0.35),
    "log": (0.7, 1.42),
    "tanh": (15.0, 19.5),
    "sigmoid": (-40.0, 40.0),
    "rsqrt": (1.0, 4.0),
    "expm1": (-0.6, 0.6),
    "log1p": (-0.41422, -0.35),
}
POINTS = 3000
UNIT = np.finfo(np.float64).eps / 2


def known(row):
    return f"{row.function}-{row.platform}-{row.dtype}"


@pytest.mark.parametrize("row", DERIVED, ids=known)
def test_a_derived_row_is_the_bound_rounded_up(row):
    bound = analysis.bounds()[row.function, row.platform].ulp
    assert bound <= row.ulp <= bound + 0.1
    assert row.dtype == "float64"


def test_every_derivation_has_its_row():
    assert set(FUNCTIONS) == set(analysis.bounds())


@pytest.mark.parametrize("row", [row for row in ROWS if row.measured], ids=known)
def test_a_row_is_what_its_source_makes_of_the_measurement(row):
    if (row.function, row.platform) == ("power", "eigen"):
        return  # with what power_per_log2 adds to it: the next test
    assert row.measured <= row.ulp
    if row.source.startswith(ALL_FLOATS):
        assert row.ulp <= row.measured + 0.1
    if row.source == SAMPLED:
        assert row.ulp >= 2 * row.measured - 0.1


@pytest.mark.parametrize("dtype", scan.DTYPES)
def test_twice_the_errors_of_eigens_powers_stay_below_their_two_rows(dtype):
    """The float64 row power_per_log2 is derived: only what exceeds it is doubled."""
    rng = np.random.default_rng(0)
    alone, per_log2 = (largest_ulp(name, ("eigen",), dtype) for name in ("power", "power_per_log2"))
    inputs = scan.random_inputs("power", dtype, 300_000, rng)
    exact = scan.exact("power", inputs)
    errors, _ = scan.ulp_errors(inputs, scan.evaluator("power", "eigen")(*inputs), exact)
    from_log2 = np.abs(np.log2(np.abs(exact)).astype(np.float64)) * per_log2
    if dtype == "float32":
        assert (2 * errors <= alone + from_log2).all()
    else:
        assert (2 * (errors - from_log2) <= alone).all()
    assert (errors > alone).any()  # the second row is needed


def test_every_function_that_can_be_scanned_has_rows():
    for function, how in scan.FUNCTIONS.items():
        for platform in scan.PLATFORMS:
            if function == "power_scalar" or (platform == "numpy" and how.numpy is None):
                continue
            if platform == "xla" and not how.compiled:
                continue
            for dtype in scan.DTYPES:
                assert largest_ulp(function, (platform,), dtype) > 0


def error_in_ulp(function, platform, x):
    """Return the errors of real float64 results, by exact arithmetic."""
    result = scan.evaluator(function, platform)(x)
    formulas = {
        "sigmoid": lambda v: 1 / (1 + np.exp(-v)),
        "rsqrt": lambda v: 1 / np.sqrt(v),
        "expm1": lambda v: np.exp(v) - 1,
        "log1p": lambda v: np.log(1 + v),
    }
    with precision(256):
        exact = formulas.get(function, getattr(np, function, None))(ExactArray(x)).values
        off = [abs(arb_of - float(r)) for arb_of, r in zip(exact, result)]
    ulp = np.spacing(np.abs([float(e.abs_lower()) for e in exact]))
    return np.array([float(o.abs_upper()) for o in off]) / ulp


@pytest.mark.parametrize(("function", "platform"), FUNCTIONS)
def test_real_results_stay_below_their_bound_where_errors_are_largest(function, platform):
    low, high = PLACES[function]
    x = np.random.default_rng(0).uniform(low, high, POINTS)
    errors = error_in_ulp(function, platform, x)
    assert errors.max() <= analysis.bounds()[function, platform].ulp
    # What rounds correctly errs by up to 0.5, and 3000 points come near it: else nothing was seen.
    assert errors.max() > 0.4


def test_beyond_the_clamp_tanh_is_one_of_the_numbers_that_the_analysis_found():
    """XLA's is not 1: it takes the clamp of a machine without FMA, and uses FMA."""
    values = {value for value, _ in analysis.tanh_at_clamps()}
    x = np.full(8, 18.5)
    for platform in ("eigen", "xla"):
        found = set(scan.evaluator("tanh", platform)(x))
        assert found <= values


def test_the_tanh_rows_of_before_were_below_the_bound():
    """18.1 and 15.8, twice the largest error of 1e8 samples, were no bounds."""
    assert analysis.bounds()["tanh", "eigen"].ulp > 18.1
    assert analysis.bounds()["tanh", "xla"].ulp > 15.8


def test_the_analysis_notices_a_wrong_coefficient(monkeypatch):
    """The last of P, off by 1e-13: some 900 u at its weight in the quotient."""
    wrong = (*analysis.TANH_P[:-1], analysis.TANH_P[-1] * (1 + 1e-13))
    monkeypatch.setattr(analysis, "TANH_P", wrong)
    monkeypatch.setattr(analysis, "TANH_CLAMPS", (3.0, 3.0))
    monkeypatch.setattr(analysis, "tanh_at_clamps", lambda: [])
    assert bounded(analysis.tanh).ulp > 100


def test_the_analysis_notices_an_operation_that_rounds_worse(monkeypatch):
    right = analysis.bounds()["exp", "eigen"].ulp
    monkeypatch.setattr(analysis, "U", analysis.U * 2)
    assert bounded(analysis.exp).ulp > right + 1


def bounded(derivation):
    """Run one derivation at the precision of ``bounds``."""
    before = analysis.ctx.prec, analysis.ctx.cap
    analysis.ctx.prec, analysis.ctx.cap = analysis.BITS, analysis.TERMS + 1
    try:
        return derivation()
    finally:
        analysis.ctx.prec, analysis.ctx.cap = before


def test_the_optimizers_powers_of_single_numbers_are_the_c_librarys():
    """Eager 0-d powers lie within glibc's 1 ULP, where vectors take Eigen's row."""
    for dtype in ("float32", "float64"):
        worst = scan.scan("power_scalar", "eigen", dtype, samples=3000, tails=100)
        assert worst.ulp <= 1.0, worst


@pytest.mark.parametrize("function", ["erfc", "softplus"])
def test_a_function_without_a_row_says_which_and_what_to_do(function):
    """Nobody has measured these on a GPU; XLA there takes what CUDA has, which is nothing."""
    x = np.array([[0.5]])
    activation = {"erfc": GELU(), "softplus": enclose(Softplus())}[function]
    for platform in ("cuda", "cuda-xla"):
        model = Model("float32", ("numpy", platform))
        sentence = f"no row for {function} on {platform} in float32.*arithmetic/errors.py"
        with pytest.raises(MissingRow, match=sentence):
            activation.forward(model.array(x))


def test_the_midpoints_of_erfc_are_as_near_as_the_balls_say():
    """SciPy's erfc is not: at 25 it is 511 ULP off."""
    x = np.random.default_rng(0).uniform(-6, 26.5, 20_000)
    exact = special.arb_function(arb.erfc, x.astype(np.longdouble))
    off = np.abs(special.wide_erfc(x) - exact) / (UNIT * exact)
    assert 0.5 < off.max() <= special.OWN_UNITS


def test_erfc_by_pieces_holds_at_the_ends_of_pieces_and_beyond():
    """Beside the C library's, which is off by so much itself."""
    ends = [-np.inf, np.inf, -4, 4, 3.999, 0, -0.0, 5e-324, -1e300]
    x = np.concatenate([np.linspace(-4.5, 27, 2**17 + 1), ends])
    off = np.abs(erfc_pieces.erfc(x) - erfc(x))
    assert (off <= 2 * erfc_pieces.UNITS * UNIT * erfc(x)).all()
    assert np.isnan(erfc_pieces.erfc(np.array([np.nan]))).all()


def test_the_rest_of_each_piece_of_erfc_is_proved():
    """By Lagrange: the next coefficient over the whole piece, in balls, over the least erfc.

    And what the terms but the first are at most, of which every rounding is a share.
    """
    half, cap, n = arb(erfc_pieces.WIDE) / 2, ctx.cap, erfc_pieces.DEGREE + 1
    rests, others = [], []
    try:
        with precision(96):
            ctx.cap = n + 1
            for middle in erfc_pieces.middles():
                series = arb_series([arb(middle, erfc_pieces.WIDE / 2), 1]).erfc()
                least = arb.erfc(middle + half)
                rests.append((abs(series[n]) * half**n / least).upper())
                terms = sum(abs(series[k]) * half**k for k in range(1, n))
                others.append((terms / least).upper())
    finally:
        ctx.cap = cap
    assert 0.2 * UNIT < max(rests) < 0.3 * UNIT
    assert 20 * max(others) * UNIT < 0.35 * UNIT


@pytest.mark.parametrize("dtype", scan.DTYPES)
@pytest.mark.parametrize("function", ["expm1", "log1p", "erfc"])
def test_balls_hold_the_exact_values_of_all_that_they_hold(function, dtype):
    """Up to 0.999 of the radius: at the end itself the sum of both would be rounded."""
    rng = np.random.default_rng(1)
    low, high = {"expm1": (-30, 30), "log1p": (-0.8, 50), "erfc": (-6, 9)}[function]
    model = Model(dtype, ("numpy",))
    mid = rng.uniform(low, high, 3000).astype(dtype).astype(model.wide)
    rad = np.abs(mid) * np.asarray(10.0 ** rng.uniform(-12, -1, mid.shape), model.wide)
    of = erfc if function == "erfc" else getattr(np, function)
    with model.propagation_only():
        ball = of(RoundingArray(mid, rad, model))
    for share in (-0.999, -0.5, 0, 0.5, 0.999):
        exact = special.arb_function(getattr(arb, function), mid + share * rad)
        assert (np.abs(exact - ball.mid) <= ball.rad).all()


def test_the_rule_for_rsqrt_is_needed_and_ends_with_the_loss():
    """The balls of cosine similarity without it are narrower, and so are others' after it."""
    model = Model("float32", ("numpy", "eigen"))
    O, T = (model.array(x) for x in np.random.default_rng(2).normal(size=(2, 4, 3)))
    plain, enclosed = CosineSimilarity(), enclose(CosineSimilarity())
    assert (enclosed.forward(O, T).rad > plain.forward(O, T).rad).all()
    assert (enclosed.backward(O, T).rad > plain.backward(O, T).rad).all()
    assert model.compilers == ()


def exp_of_onednn(x, fused):
    """Return exp(x) of float32 as oneDNN reduces it, exact but for the reduction."""
    n = np.floor(x * np.float32(np.log2(np.e)) + np.float32(0.5))
    part = np.float64(n) * np.float32(np.log(2))
    r = np.float32(x - (part if fused else np.float64(np.float32(part))))
    return np.exp2(np.float64(n)) * np.exp(np.float64(r))


@pytest.mark.parametrize("fused", [True, False])
def test_a_softmax_by_onednn_lies_in_its_ball_where_products_are_rounded_and_where_not(
    fused, monkeypatch
):
    """Whole numbers, so that subtracting the largest is exact: the error is exp's alone."""
    x = np.float32(-np.arange(80.0)).reshape(40, 2)
    x = np.concatenate([0 * x[:, :1], x], axis=1)
    powers = exp_of_onednn(x, fused)
    shares = powers / powers.sum(axis=1, keepdims=True)
    largest = {}
    for fuses in (True, False):
        monkeypatch.setattr(bounds, "kernels_fuse", lambda fuses=fuses: fuses)
        largest_ulp.cache_clear()
        model = Model("float32")
        largest[fuses] = usage(shares, enclose(Softmax()).forward(model.array(x))).max()
    largest_ulp.cache_clear()
    assert largest[False] < 1
    assert (largest[True] < 1) == fused


@pytest.mark.parametrize("fused", [True, False])
def test_the_rows_of_onednns_exp_bound_its_reduction_and_are_not_twice_as_wide(fused, monkeypatch):
    """Beside them an error of r itself, one rounding of at most ln 2 / 2, is in the row of exp."""
    monkeypatch.setattr(bounds, "kernels_fuse", lambda: fused)
    per_log2 = bounds._ulp("softmax_per_log2", "eigen", "float32")
    x = np.float32(-np.random.default_rng(5).uniform(1, 87, 100_000))
    exact = np.exp(np.float64(x))
    error, factors = np.abs(exp_of_onednn(x, fused) / exact - 1) * 2.0**24, -np.log2(exact)
    assert (error <= 2 * per_log2 * (factors + 1) + 0.51 * np.log(2)).all()
    assert (error > per_log2 * factors + 0.51 * np.log(2)).any()


def test_onednn_kept_from_fma_is_noticed(monkeypatch):
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "SSE41")
    assert kernels_fuse.__wrapped__() == (machine().lower() not in X86)
    assert bfloat16_matmul_crashes() == has_avx512()
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX512_CORE")
    assert not bfloat16_matmul_crashes()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_sigmoids_slope_holds_every_order_and_every_y_and_forgets_not_that_y_is_one(dtype):
    """L2': y anywhere in its ball, yb y (1 - y) in either order; near 1 - 2 y = 0 half as wide."""
    rng = np.random.default_rng(7)
    kind, model = np.dtype(dtype).type, Model(dtype)
    middle = rng.uniform(0.01, 0.99, 4000).astype(dtype)
    share, yb = 40 * model.unit, rng.normal(size=4000).astype(dtype)
    y = RoundingArray(model.format.of(middle), share * middle.astype(np.float64), model)
    sigmoid = enclose(Sigmoid())
    ball = sigmoid.backward(model.array(yb), None, y)
    wide = Sigmoid().backward(model.array(yb), None, y)
    assert (ball.rad <= wide.rad).all() and (ball.mid == wide.mid).all()
    assert np.median(ball.rad / wide.rad) < 0.6
    one = kind(1)
    for step in (-1, -0.5, 0, 0.5, 1):
        found = (middle * (1 + step * share * (1 - 2 * model.unit))).astype(dtype)
        inside = np.abs(found.astype(np.longdouble) - middle) <= share * middle
        for slope in ((yb * found) * (one - found), yb * (found * (one - found))):
            assert (usage(slope, ball)[inside] <= 1).all()
        assert inside.sum() > 1500
    anew = Model(dtype, compilers=("xla",))  # there y need not be one number
    y = RoundingArray(y.mid, y.rad, anew)
    assert (sigmoid.backward(anew.array(yb), None, y).rad >= wide.rad).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_softmax_of_balls_holds_all_that_is_in_them_and_forgets_not_that_shares_sum_to_1(dtype):
    """L13': with a score that is masked as well; less than half as wide as by the operations."""
    rng = np.random.default_rng(8)
    model = Model(dtype)
    middle = rng.normal(size=(500, 5)).astype(dtype)
    middle[::2, 4] -= 1e9
    radius = np.where(middle < -1e8, 1e9, 1000) * model.unit * np.ones_like(middle, np.float64)
    x = RoundingArray(model.format.of(middle), radius, model)
    ball, wide = enclose(Softmax()).forward(x), Softmax().forward(x)
    assert (ball.mid == wide.mid).all()
    assert np.median(ball.rad[1::2] / wide.rad[1::2]) < 0.6
    for _ in range(20):
        ends = rng.choice([-1, 1, 0], middle.shape) * (1 - 2.0**-20)
        found = (middle + ends * radius).astype(dtype)
        inside = np.abs(found.astype(np.longdouble) - middle) <= radius
        found = np.where(inside, found, middle)
        assert (usage(Softmax().forward(found), ball) <= 1).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_normalization_holds_all_moments_and_forgets_not_that_each_is_one_number(dtype):
    """L13'': for any mean and root in their balls; the way forth and back of numbers far from 0."""
    rng = np.random.default_rng(9)
    model, layer = Model(dtype), LayerNormalization().build((6,))
    draw = lambda *shape: rng.normal(size=shape).astype(dtype)
    x, yb, weights = 3 + draw(400, 6), draw(400, 6), (draw(1, 6), draw(1, 6))
    mean, variance = layer.moments(x)
    root = 1 / np.sqrt(variance + layer.epsilon)
    radii = [1000 * model.unit * np.abs(each).astype(np.float64) for each in (mean, root)]

    def both(layer, model, moments):
        """Return y, and what flows back to x, over balls or over floats."""
        lift = model.array if model else np.asarray
        lifted = tuple(map(lift, weights))
        y, kept = layer.folded(lifted, lift(x), *moments)
        return y, layer.normalize_back(lifted, kept, lift(yb))[0]

    of = lambda model: [
        RoundingArray(model.format.of(each), radius, model)
        for each, radius in zip((mean, root), radii)
    ]
    balls = both(enclose(layer), model, of(model))
    for ball, wide in zip(balls, both(layer, model, of(model))):
        assert (ball.mid == wide.mid).all() and (ball.rad <= wide.rad).all()
        assert np.median(ball.rad / wide.rad) < 0.6
    largest = 0
    for _ in range(40):
        ends = [rng.choice([-1, 1, 0], each.shape) * (1 - 2.0**-8) for each in (mean, root)]
        moments = [
            (each + end * radius).astype(dtype)
            for each, end, radius in zip((mean, root), ends, radii)
        ]
        used = [usage(found, ball) for found, ball in zip(both(layer, None, moments), balls)]
        assert max(share.max() for share in used) <= 1
        largest = max(largest, *(np.median(share) for share in used))
    assert largest > 0.3
    anew = Model(dtype, compilers=("xla",))  # there neither need be one number
    for ball, wide in zip(both(enclose(layer), anew, of(anew)), both(layer, anew, of(anew))):
        assert (ball.rad >= wide.rad).all()


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_a_number_beside_the_largest_float_stays_below_infinity_or_nothing_is_said(dtype):
    """What one rounding makes of operands there is in its ball, and infinity in none (L1'')."""
    kind, rng = np.dtype(dtype).type, np.random.default_rng(4)
    largest = np.finfo(kind).max
    last = float(largest) - float(np.nextafter(largest, kind(0)))
    a = np.full(400, largest)
    b = (rng.choice([-1.0, 1.0], 400) * last * rng.uniform(0, 3, 400)).astype(kind)
    a[::2] *= -1
    a[:100], b[:100] = a[:100] / 2, a[:100] / 2 + b[:100] / 2  # no operand is the largest
    model = Model(dtype, ("eigen",))
    ball = model.array(a) + model.array(b)
    with np.errstate(over="ignore"):
        value = a + b
    known = np.isfinite(np.asarray(ball.rad, float))
    assert np.isfinite(value[known]).all() and usage(value[known], ball[known]).max() <= 1
    # In half precision what float32 rounds before may pass it, and nothing is cut; nor where
    # two floats make a midpoint, whose radii have no more bits than the run's numbers.
    cut = dtype != "float16" and model.wide is not TwoFloats
    assert known[np.abs(b.astype(float)) < last / 4].all() == cut
    assert not known.all()
    both = np.array([0.4]) * float(largest), np.array([0.7]) * float(largest)  # around 0
    assert ball[:1]._below_infinity(*both, 0.55 * float(largest)) == both
    assert np.all(size_of(ball.mid[known]) + ball.rad[known] <= float(largest))
    assert not np.isfinite(usage(np.copysign(np.inf, value), ball)[known]).any()
