"""Muon's Newton-Schulz iteration and its norm-wise enclosure, lemma by lemma (L11)."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf
from flint import arb
from helpers.turns import thinned

from equivalence import trees
from equivalence.arithmetic import ExactArray, Model, RoundingArray
from equivalence.arithmetic.exact import precision
from equivalence.arithmetic.newton_schulz import (
    EnclosedNewtonSchulz,
    OddQuintic,
    Spectrum,
    exact,
    growth,
    largest,
    rounding,
    singular_values,
)
from equivalence.arithmetic.precisions import NAMES as DTYPES
from equivalence.engines import build as tensorflow_runner
from equivalence.judge.certificate import check, enclose_steps, rounding_model
from equivalence.judge.verdict import AGREE, OVERFLOW, judge
from equivalence.pairs.table import PAIRS
from equivalence.results.reproduce import snippet
from equivalence.steps.program import program
from refimpl.optimizers.newton_schulz import NewtonSchulz
from tfimpl.optimizers.newton_schulz import NewtonSchulz as TensorFlowNewtonSchulz

pytestmark = pytest.mark.tensorflow

JORDAN = (3.4445, -4.7750, 2.0315)
POLYNOMIAL = OddQuintic(*map(np.float64, JORDAN))
SHAPES = ((1, 6), (2, 2), (3, 4), (4, 3), (5, 5), (8, 16))
COUNT = 200
EVERY_SHAPE = pytest.mark.parametrize("shape", SHAPES, ids=str)
EVERY_DTYPE = pytest.mark.parametrize("dtype", DTYPES)


def spread(shape, low=1e-6, seed=0):
    """Return COUNT matrices with singular values from ``low`` to 1, one of them 1."""
    rng = np.random.default_rng(seed)
    u, s, vt = np.linalg.svd(rng.normal(size=(COUNT, *shape)), full_matrices=False)
    s = 10 ** rng.uniform(np.log10(low), 0, s.shape)
    return u * (s / s.max(axis=-1, keepdims=True))[..., None, :] @ vt


def given(shape, dtype, seed=0):
    """Return COUNT matrices of three kinds and of norms from 1e-3 to 1e3."""
    rng = np.random.default_rng(seed)
    size = (COUNT, *shape)
    decades = rng.choice((-1.0, 1.0), size) * 10 ** rng.uniform(-5, 0, size)
    kinds = np.stack([rng.normal(size=size), decades, spread(shape, seed=seed)])
    chosen = kinds[rng.integers(3, size=COUNT), np.arange(COUNT)]
    return (chosen * 10 ** rng.uniform(-3, 3, (COUNT, 1, 1))).astype(dtype)


def enclosed(x, model, steps=5):
    """Return the norm-wise ball of the iteration from floats, which are exact."""
    coefficients = [model.decimal(k) for k in JORDAN]
    return EnclosedNewtonSchulz(NewtonSchulz()).forward(model.array(x), *coefficients, steps)


def usage(values, ball):
    return np.abs(values.astype(ball.mid.dtype) - ball.mid) / ball.rad


def frobenius(x):
    return np.sqrt(np.sum(np.square(x), axis=(-2, -1)))


def step(x):
    part = NewtonSchulz()
    a, b, c = JORDAN
    return part.odd(x, part.even(part.gram(x), b, c), a)


# -------------------------------------------------------------- the iteration


@EVERY_SHAPE
def test_the_iteration_is_its_polynomial_of_the_singular_values(shape):
    x = spread(shape)
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    s = s / (frobenius(x) + 1e-7)[:, None]
    for _ in range(3):
        s = s * (JORDAN[0] + s**2 * (JORDAN[1] + JORDAN[2] * s**2))
    found = NewtonSchulz().forward(x, *JORDAN, 3)
    assert np.abs(found - u * s[:, None, :] @ vt).max() < 1e-12


def test_jordans_polynomial_brings_singular_values_from_a_hundredth_on_near_1():
    s = np.linspace(0.01, 1, 100_001)
    for _ in range(5):
        s = s * (JORDAN[0] + s**2 * (JORDAN[1] + JORDAN[2] * s**2))
    assert 0.68 < s.min() < s.max() < 1.21


# ------------------------------------------------------------------- the lemmas


@EVERY_SHAPE
@pytest.mark.parametrize("radius", [1e-6, 1e-3, 0.3])
def test_no_two_matrices_of_a_ball_part_faster_than_the_largest_slope(shape, radius):
    rng = np.random.default_rng(1)
    x = spread(shape)
    apart = rng.normal(size=x.shape)
    y = x + apart * (radius / frobenius(apart))[:, None, None]
    slope = largest(POLYNOMIAL.slopes(spectrum_around(x, radius)))[:, 0, 0]
    assert (frobenius(step(y) - step(x)) <= slope * frobenius(y - x) * (1 + 1e-9)).all()


@pytest.mark.parametrize("shape", [(1, 6), (3, 4), (4, 7)], ids=str)
def test_some_two_matrices_part_as_fast_as_the_largest_slope(shape):
    """Along u_i v_j' + u_j v_i' and u_i v_j' - u_j v_i', and u_i v' with a v beyond V."""
    rows, tiny = shape[0], 1e-7
    x = spread(shape)
    u, _, vt = np.linalg.svd(x)
    reached = np.zeros(COUNT)
    for i, j in np.ndindex(shape):
        directions = [u[:, :, i, None] * vt[:, j, None, :]]
        if j < rows and i != j:
            other = u[:, :, j, None] * vt[:, i, None, :]
            directions = [directions[0] + other, directions[0] - other]
        for direction in directions:
            apart = frobenius(step(x + tiny * direction) - step(x - tiny * direction))
            reached = np.maximum(reached, apart / frobenius(2 * tiny * direction))
    slope = largest(POLYNOMIAL.slopes(spectrum_around(x, tiny)))[:, 0, 0]
    assert (reached > (1 - 1e-5) * slope).all()


@EVERY_SHAPE
@pytest.mark.parametrize("radius", [1e-6, 1e-2])
def test_the_singular_values_of_a_step_stay_in_their_images(shape, radius):
    rng = np.random.default_rng(2)
    x = spread(shape)
    apart = rng.normal(size=x.shape)
    y = x + apart * (radius / frobenius(apart))[:, None, None]
    before = spectrum_around(x, radius)
    after = POLYNOMIAL.images(before, np.zeros((1, 1, 1)))
    found = np.linalg.svd(step(y), compute_uv=False)
    order = np.argsort(-np.abs(after.centres), axis=-1)
    centres, widths = (
        np.take_along_axis(a, order, axis=-1) for a in (np.abs(after.centres), after.widths)
    )
    assert (np.abs(found - centres) <= widths.max(axis=-1, keepdims=True) + 1e-14).all()


@EVERY_SHAPE
def test_an_error_of_the_gram_matrix_is_bounded(shape):
    """The error need not be symmetric: nobody promises equal roundings of x.y and y.x."""
    rng, part = np.random.default_rng(3), NewtonSchulz()
    x = spread(shape if shape[0] <= shape[1] else shape[::-1])
    gram = part.gram(x)
    for size in (1e-8, 1e-2):
        wrong = rng.normal(size=gram.shape)
        wrong = wrong * (size / frobenius(wrong))[:, None, None]
        clean, dirty = (part.even(g, *JORDAN[1:]) @ x for g in (gram, gram + wrong))
        bound = POLYNOMIAL.of_gram(spectrum_around(x, 0.0), size)[:, 0, 0]
        assert (frobenius(dirty - clean) <= bound * (1 + 1e-6)).all()


def spectrum_around(x, radius):
    model = Model("float32")
    lying = x if x.shape[-2] <= x.shape[-1] else x.mT
    no_stretch = np.zeros((COUNT, 1, 1))
    return Spectrum.around(exact(model.array(lying)), no_stretch + radius, no_stretch)


def test_the_radius_with_rounding_less_the_carried_one_bounds_what_is_rounded():
    """For every operand in the ball, not for its midpoint alone."""
    rng, part, model = np.random.default_rng(4), NewtonSchulz(), Model("float32")
    x = rng.normal(size=(COUNT, 3, 4))
    ball = RoundingArray(x, np.full(x.shape, 1e-2), model)
    _, error = rounding(part.gram, (ball,))
    taken = (x + rng.uniform(-1e-2, 1e-2, x.shape)).astype(np.float32)
    rounded = taken @ taken.mT - taken.astype(np.float64) @ taken.astype(np.float64).mT
    assert (frobenius(rounded) <= error[:, 0, 0]).all()
    assert error.max() < 100 * model.unit * largest(np.abs(x) @ np.abs(x).mT).max()


def steps_from(x, width):
    """Return the Spectrum around x and the slopes of five steps that each may err by width."""
    first = spectrum = spectrum_around(x, width)
    slopes = []
    for _ in range(5):
        slopes.append(POLYNOMIAL.slopes(spectrum))
        spectrum = POLYNOMIAL.images(spectrum, np.full((COUNT, 1, 1), width))
    return first, slopes


def steps_of(x, count):
    for _ in range(count):
        x = step(x)
    return x


@EVERY_SHAPE
@pytest.mark.parametrize("when", range(6))
def test_what_enters_after_any_step_grows_to_no_more_than_the_radius(shape, when):
    rng, width = np.random.default_rng(5), 1e-6
    x = spread(shape)
    first, slopes = steps_from(x, width)
    begun, *rounded = (width if k == when else 0 for k in range(6))
    radius = growth(first, begun, 0, slopes, rounded)[:, 0, 0]
    apart = rng.normal(size=x.shape)
    apart = apart * (width / frobenius(apart))[:, None, None]
    moved = steps_of(steps_of(x, when) + apart, 5 - when)
    assert (frobenius(moved - steps_of(x, 5)) <= radius * (1 + 1e-9)).all()


@EVERY_SHAPE
def test_a_stretched_matrix_parts_as_far_as_the_radius_says_and_no_farther(shape):
    x, stretch = spread(shape), 1e-7
    first, slopes = steps_from(x, 2 * stretch * largest(frobenius(x)[:, None, None]))
    radius = growth(first, 0, stretch, slopes, [0] * 5)[:, 0, 0]
    apart = frobenius(steps_of(x * (1 + stretch), 5) - steps_of(x, 5))
    assert (apart <= radius * (1 + 1e-6)).all()
    assert np.median(apart / radius) > 0.99


# ---------------------------------------------------------- verified singular values


def known():
    """Return H D / 2, H being Hadamard's matrix, and its singular values, the exact D."""
    hadamard = np.array([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]) / 2
    values = np.array([1.0, 0.5, 2.0**-20, 0.0])
    return hadamard * values, np.sort(values)[::-1]


@EVERY_DTYPE
def test_the_singular_values_are_where_they_are_said_to_be(dtype):
    model = Model(dtype)
    matrix, true = known()
    found, error = singular_values(exact(model.array(matrix)))
    assert (np.abs(found - true) <= error[..., 0]).all()
    assert error < 1e-14


def test_a_wrong_decomposition_by_lapack_is_not_believed(monkeypatch):
    honest, (matrix, true) = np.linalg.svd, known()

    def wrong(x, **options):
        u, s, vt = honest(x, **options)
        return u, s * 1.01, vt + 1e-3

    monkeypatch.setattr(np.linalg, "svd", wrong)
    found, error = singular_values(exact(Model("float32").array(matrix)))
    assert np.abs(found - true).max() > 1e-3
    assert (np.abs(found - true) <= error[..., 0]).all()


# --------------------------------------------------------------- the whole enclosure


@EVERY_SHAPE
@EVERY_DTYPE
def test_the_exact_iteration_lies_in_the_ball(shape, dtype):
    x = given(shape, dtype)[:3]
    with precision(256):
        exactly = NewtonSchulz().forward(ExactArray(x), *map(arb, map(str, JORDAN)), 5)
        ball = enclosed(x, Model(dtype))
        assert usage(exactly.to_float(), ball).max() < 1


@EVERY_SHAPE
@EVERY_DTYPE
@pytest.mark.parametrize("engine", thinned(3, ["eager", "graph", "xla"]))
def test_what_tensorflow_returns_lies_in_the_ball(shape, dtype, engine):
    x = given(shape, dtype)
    function = lambda x: TensorFlowNewtonSchulz().forward(x, *JORDAN, 5)
    if engine != "eager":
        function = tf.function(function, autograph=False, jit_compile=engine == "xla")
    ball = enclosed(x, rounding_model(dtype, engine))
    assert usage(function(tf.constant(x)).numpy(), ball).max() < 1


def adversary(x, model, signs):
    """Return five steps in which every operation errs by its whole bound.

    signs: which way, a function of the shape; x is lying.
    """
    u, gamma = model.unit, model.gamma

    def multiply(p, q):
        return p * q * (1 + u * signs((p * q).shape))

    def add(p, q):
        return (p + q) * (1 + u * signs((p + q).shape))

    def matmul(p, q):
        error = gamma(p.shape[-1]) * (np.abs(p) @ np.abs(q))
        return p @ q + error * signs(error.shape)

    a, b, c = (np.float64(k) * (1 + u * signs(())) for k in JORDAN)
    terms = x.shape[-1] * x.shape[-2]
    total = np.sum(multiply(x, x), axis=(-2, -1), keepdims=True)
    norm = np.sqrt(total * (1 + gamma(terms - 1) * signs(()))) * (1 + u * signs(()))
    x = multiply(x, 1 / add(norm, 1e-7))
    for _ in range(5):
        gram = matmul(x, x.mT)
        even = add(multiply(b, gram), matmul(multiply(c, gram), gram))
        x = add(multiply(a, x), matmul(even, x))
    return x


@pytest.mark.parametrize("shape", [(1, 6), (2, 2), (3, 4), (5, 5), (8, 16)], ids=str)
def test_whoever_rounds_as_badly_as_is_allowed_stays_inside_and_not_by_much(shape):
    """So the radius is at most some ten times as large as it has to be, in the norm."""
    rng, model = np.random.default_rng(6), Model("float32")
    x = np.random.default_rng(5).normal(size=(COUNT, *shape)).astype(np.float32)
    ball = enclosed(x, model)
    worst = 0.0
    for _ in range(20):
        signs = lambda shape: rng.choice((-1.0, 1.0), shape)
        apart = frobenius(adversary(x.astype(np.float64), model, signs) - ball.mid)
        worst = max(worst, (apart / ball.rad[:, 0, 0]).max())
    assert 0.1 < worst < 1


def test_balls_of_elements_would_say_nothing():
    x = np.random.default_rng(7).normal(size=(COUNT, 3, 4)).astype(np.float32)
    model = Model("float32")
    by_element = NewtonSchulz().forward(model.array(x), *map(model.decimal, JORDAN), 5)
    assert np.median(by_element.rad) > 1.2  # wider than the numbers themselves
    assert np.median(enclosed(x, model).rad) < 1e-4


@EVERY_DTYPE
def test_a_matrix_of_zeros_stays_exactly_zero(dtype):
    ball = enclosed(np.zeros((2, 3, 4), dtype), Model(dtype))
    assert not ball.mid.any()
    assert not ball.rad.any()


def test_a_matrix_whose_norm_may_be_0_has_no_bound_and_the_model_says_why():
    model = Model("float32")
    x = RoundingArray(np.full((1, 2, 3), 1e-9), np.full((1, 2, 3), 1e-3), model)
    ball = EnclosedNewtonSchulz(NewtonSchulz()).forward(x, *map(model.decimal, JORDAN), 5)
    assert np.isinf(ball.rad).all()
    assert "a Newton-Schulz iteration whose error has no bound" in model.notes


def test_one_matrix_without_a_bound_leaves_the_others_theirs():
    model = Model("float32")
    x = np.random.default_rng(8).normal(size=(3, 2, 3)).astype(np.float32)
    rad = np.zeros(x.shape)
    rad[1] = np.inf
    coefficients = [model.decimal(k) for k in JORDAN]
    iteration = EnclosedNewtonSchulz(NewtonSchulz())
    ball = iteration.forward(RoundingArray(x.astype(float), rad, model), *coefficients, 5)
    alone = enclosed(x, model)
    assert np.isinf(ball.rad[1]).all()
    assert np.array_equal(ball.rad[[0, 2]], alone.rad[[0, 2]])


def test_arrays_of_floats_pass_through():
    x = np.random.default_rng(9).normal(size=(3, 4))
    plain, through = NewtonSchulz(), EnclosedNewtonSchulz(NewtonSchulz())
    assert np.array_equal(through.forward(x, *JORDAN, 5), plain.forward(x, *JORDAN, 5))


# ----------------------------------------------------------------------- Muon itself


def outside(pair_name, dtype, **changes):
    """Return where a TensorFlow twin with other hyperparameters leaves the enclosures."""
    pair = PAIRS[pair_name]
    reference = program(pair, dtype)
    m = trees.tensorflow()
    twin = pair.optimizer(m)
    twin = replace(twin, **{name: getattr(twin, name) * f for name, f in changes.items()})
    runner = tensorflow_runner.build(pair.network(m), twin, reference, "tape", "graph")
    trajectory = runner.run(reference, runner.start(reference), 100)
    return check(trajectory, enclose_steps(reference, trajectory, rounding_model(dtype))).outside


@pytest.mark.parametrize(("dtype", "change"), [("float32", 5e-6), ("float64", 5e-15)])
@pytest.mark.parametrize("name", ["muon_a", "muon_b", "muon_c"])
def test_a_coefficient_that_is_off_by_some_units_in_the_last_place_is_noticed(name, dtype, change):
    place = outside("given-muon", dtype, **{name: 1 + change})
    assert place
    assert place.stage == "weights"


def test_the_same_run_with_the_right_coefficients_is_inside():
    assert outside("given-muon", "float32", muon_a=1) is None


def judged_with_gradients(scale):
    """Return the verdict of two eager steps of Muon with gradients times ``scale``."""
    reference = program(PAIRS["given-muon"], "float32")
    reference = replace(reference, inputs=reference.inputs[:2] * np.float32(scale))
    m = trees.tensorflow()
    pair = PAIRS["given-muon"]
    network, optimizer = pair.network(m), pair.optimizer(m)
    runner = tensorflow_runner.build(network, optimizer, reference, "tape", "eager")
    trajectory = runner.run(reference, runner.start(reference), 2)
    return judge(reference, trajectory, model=rounding_model("float32", "eager"))


def test_gradients_that_may_vanish_are_no_kink():
    """Squares of 1e-25 are flushed to 0; the norm is then at most 1e-18, beside 1e-7."""
    assert judged_with_gradients(1e-25).verdict in AGREE


def test_gradients_whose_squares_overflow_are_an_overflow():
    verdict = judged_with_gradients(1e25)
    assert verdict.verdict == OVERFLOW
    assert "left the range of float32" in verdict.reason


def test_a_run_with_muon_can_be_pasted(capsys):
    reference = program(PAIRS["given-muon-nesterov"], "float32")
    reference = replace(reference, inputs=reference.inputs[:2], targets=reference.targets[:2])
    exec(snippet(reference, "given-muon-nesterov", "tape", "eager", 2), {})
    assert "identical" in capsys.readouterr().out
