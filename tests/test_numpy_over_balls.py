"""NumPy's functions over balls: each rule held against NumPy, exactly and in each precision.

``CASES`` is a table with a row for every function that has a rule.  A row is tried

(a) over exact arrays, on multiples of 1/4: what float64 computes of them without rounding,
    or with less than 1e-14, is the oracle;
(b) over rounding balls, in float32 and float64, with and without radii, of numbers that
    overflow and underflow as well: the ball contains what NumPy returns in that precision,
    and what loops return that do the same sums and products in other orders;
(c) for its radius, which is at most ``roundings`` units of the last place of ``size``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, reduce
from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equivalence.arithmetic import ExactArray, Model, RoundingArray, dispatch
from equivalence.arithmetic.dispatch import REFUSED, RULES, composed, name_of, newer
from equivalence.arithmetic.exact import precision
from equivalence.arithmetic.precisions import NAMES as DTYPES
from equivalence.judge.certificate import Check, usage
from refimpl import functions, special_functions

COMPILERS = ((), ("grappler",), ("xla", "grappler"))
SEEDS = st.integers(0, 2**32 - 1)
# There are some 170 cases, each in two precisions; the profile "deep" draws as many as ever.
EXAMPLES = min(settings.default.max_examples // 4, 1000)
# What sizes the numbers of a draw have.
REGIMES = ("alike", "many sizes", "whole")
SHAPE = (4, 8)
N = SHAPE[-1]


@dataclass(frozen=True)
class Case:
    """A function that has a rule, and how it is called.

    compute: of arrays of any arithmetic.
    shapes: of its operands.
    loops: the same of floats in other orders of sums and products.
    roundings, size: a radius is at most so many u times ``size`` of the operands, which is
        by default ``compute`` of their magnitudes.
    positive: whether operands are above 0.
    exact: whether float64 computes multiples of 1/4 without rounding.
    takes_radii: whether it returns something of balls that overlap.
    """

    function: Callable
    compute: Callable
    shapes: tuple = (SHAPE,)
    loops: tuple = ()
    roundings: float = 0
    size: Callable | None = None
    positive: bool = False
    exact: bool = True
    takes_radii: bool = True
    name: str = ""

    def __str__(self):
        return self.name or name_of(self.function)


def of_one(function, roundings=0, **more):
    """Return the Case of an elementwise function of one array."""
    return Case(function, lambda x: function(x), roundings=roundings, **more)


def of_two(function, roundings=0, **more):
    return Case(function, lambda x, y: function(x, y), (SHAPE, SHAPE), roundings=roundings, **more)


def along(function, roundings=0, loops=(), **more):
    """Return the Case of a function along the last axis."""
    return Case(function, lambda x: function(x, axis=-1), roundings=roundings, loops=loops, **more)


def comparison(function):
    """Return the Case of a comparison, whose answer chooses."""
    choose = lambda x, y: np.where(function(x, y), x, y)
    return Case(function, choose, (SHAPE, SHAPE))


def moved(function, *args, shapes=(SHAPE,), **kwargs):
    return Case(function, lambda x: function(x, *args, **kwargs), shapes)


def moved_all(function, *args, shapes=(SHAPE, SHAPE), **kwargs):
    return Case(function, lambda *arrays: function(arrays, *args, **kwargs), shapes)


def result_of(x, function):
    """The magnitude of a function's own result, where that is what its rounding goes by."""
    return np.abs(function(x))


# -------------------------------------------------------------- loops in another order


def one_after_the_other(operation):
    """Return a reduction along the last axis, first to last."""
    return lambda x: reduce(operation, [x[..., k] for k in range(x.shape[-1])])


def backwards(reduction):
    return lambda x: reduction(x[..., ::-1])


def in_halves(operation):
    """Return a reduction along the last axis that meets in the middle."""

    def reduction(x):
        n = x.shape[-1]
        if n == 1:
            return x[..., 0]
        return operation(reduction(x[..., : n // 2]), reduction(x[..., n // 2 :]))

    return reduction


def orders(operation):
    plain = one_after_the_other(operation)
    return plain, backwards(plain), in_halves(operation)


SUMS, PRODUCTS = orders(np.add), orders(np.multiply)


def by_sums(write):
    """Return loops of a formula that is written with a sum along the last axis."""
    return tuple(partial(write, total) for total in SUMS)


def mean_by(total, x):
    return total(x) / x.dtype.type(x.shape[-1])


def var_by(total, x):
    return mean_by(total, np.square(x - mean_by(total, x)[..., None]))


def spread(x):
    """The mean of (|x| + mean |x|)^2, by which a variance in two passes rounds.

    Its mean is off by n u mean |x|, each difference by u more, each square by twice that times
    the difference and u; the sum and the division round n times: 3 n + 4 <= 4 (n + 1) in all.
    """
    x = np.abs(x)
    return np.mean(np.square(x + np.mean(x, axis=-1, keepdims=True)), axis=-1)


def matrices(total, a, b):
    return total(a[..., :, None, :] * np.swapaxes(b, -1, -2)[..., None, :, :])


def scanned(operation):
    def scan(x):
        parts = [x[..., 0]]
        for k in range(1, x.shape[-1]):
            parts.append(operation(parts[-1], x[..., k]))
        return np.stack(parts, axis=-1)

    return scan


MATRICES = ((4, 8), (8, 3))
# The bound of a library function's error: the largest row is 24.4 ULP, and 2 u is a ULP.
LIBRARY = 64
ELEMENTWISE = (
    of_two(np.add, 2),
    of_two(np.subtract, 2, size=lambda x, y: x + y),
    of_two(np.multiply, 2),
    of_two(np.divide, 2, positive=True, exact=False),
    of_one(np.negative, size=np.abs),
    of_one(np.positive),
    of_one(np.absolute),
    of_one(np.fabs),
    of_one(np.square, 2),
    of_one(np.sqrt, 2, positive=True, exact=False),
    of_one(np.reciprocal, 12, positive=True, exact=False),
    *(
        of_one(f, LIBRARY, exact=False, positive=positive, size=lambda x, f=f: np.abs(f(x)))
        for f, positive in (
            (np.exp, False),
            (np.log, True),
            (np.expm1, False),
            (np.log1p, True),
            (np.tanh, False),
            (np.cos, False),
            (np.sin, False),
        )
    ),
    Case(functions._erfc, functions.erfc, roundings=LIBRARY, exact=False, positive=True,
         size=lambda x: functions.erfc(x) * (1 + x * x)),
    *(
        Case(
            getattr(functions, f"_{name}"),
            lambda x, name=name: getattr(functions, name)(np.tanh(x) / 2),
            roundings=2 * LIBRARY,
            exact=False,
            size=lambda x, name=name: np.abs(getattr(functions, name)(np.tanh(x) / 2)) + 1,
        )
        for name in ("erf", "sinh", "cosh", "tan", "asin", "acos", "atan", "asinh", "atanh")
    ),
    *(
        Case(
            getattr(special_functions, f"_{name}"),
            lambda x, name=name: getattr(special_functions, name)(np.tanh(x) / 4 + 0.5),
            roundings=4 * LIBRARY,
            exact=False,
            size=lambda x, name=name: (
                5 + np.abs(getattr(special_functions, name)(np.tanh(x) / 4 + 0.5))
            ),
        )
        for name in (
            *("lgamma", "digamma", "ndtri"),
            *("bessel_i0", "bessel_i1", "bessel_i0e", "bessel_i1e"),
        )
    ),
    Case(
        functions._acosh,
        lambda x: functions.acosh(np.square(x) + 2),
        roundings=2 * LIBRARY,
        exact=False,
        size=lambda x: functions.acosh(np.square(x) + 2) + 1,
    ),
    of_two(np.power, LIBRARY * 8, positive=True, exact=False, size=lambda x, y: x**y * (1 + y)),
    of_one(np.floor, size=np.abs),
    of_one(np.ceil, size=np.abs),
    of_one(np.rint),
    of_one(np.round),
    of_one(np.around),
    of_one(np.trunc),
    of_one(np.fix),
    of_two(np.remainder, 2, positive=True),
    of_two(np.floor_divide, positive=True),
    of_two(np.maximum),
    of_two(np.minimum),
    of_two(np.fmax),
    of_two(np.fmin),
    of_one(np.sign),
    *map(comparison, (np.greater, np.greater_equal, np.less, np.less_equal, np.equal)),
    comparison(np.not_equal),
    *(
        Case(f, lambda x, y, f=f: np.where(f(x), x, y), (SHAPE, SHAPE))
        for f in (np.isfinite, np.isnan, np.isinf, np.logical_not)
    ),
    *(
        Case(f, lambda x, y, f=f: np.where(f(x, y), x, y), (SHAPE, SHAPE))
        for f in (np.logical_and, np.logical_or, np.logical_xor)
    ),
    *(
        Case(f, lambda x, y, f=f: np.where(f(x > 0, x < y), x, y), (SHAPE, SHAPE))
        for f in (np.bitwise_and, np.bitwise_or, np.bitwise_xor)
    ),
    Case(np.invert, lambda x, y: np.where(np.invert(x < y), x, y), (SHAPE, SHAPE)),
    Case(np.where, lambda x, y: np.where(x > y, x, 2 * y), (SHAPE, SHAPE), roundings=1,
         size=lambda x, y: x + y),
    Case(np.clip, lambda x: np.clip(x, -0.5, 0.75)),
    of_two(np.logaddexp, 4 * LIBRARY, exact=False, size=lambda x, y: x + y + 1),
    of_two(np.hypot, 5, exact=False),
    of_one(np.real),
    of_one(np.conjugate),
    of_one(np.imag),
)  # fmt: skip
REDUCTIONS = (
    along(np.sum, N, SUMS),
    Case(np.sum, np.sum, roundings=prod(SHAPE), name="sum of all"),
    Case(np.sum, lambda x: np.sum(x, (0, -1), keepdims=True), roundings=32, name="sum, kept"),
    along(np.mean, N + 1, by_sums(mean_by)),
    along(np.var, 4 * (N + 1), by_sums(var_by), size=spread),
    along(
        np.std,
        4 * (N + 1) + 2,
        by_sums(lambda total, x: np.sqrt(var_by(total, x))),
        size=lambda x: np.where((s := np.std(x, -1)) > 0, spread(x) / np.where(s > 0, s, 1), 9),
        exact=False,
    ),
    Case(np.var, lambda x: np.var(x, axis=-1, ddof=1), roundings=5 * (N + 1), size=spread,
         exact=False, name="var, ddof=1"),
    along(np.prod, N, PRODUCTS),
    *(along(f) for f in (np.max, np.amax, np.min, np.amin)),
    Case(np.max, lambda x: np.max(x, axis=(0, 1)), name="max of all"),
    Case(np.min, np.min, name="min of all"),
    along(np.ptp, 2, size=lambda x: 2 * np.max(x, axis=-1)),
    along(np.cumsum, N, (scanned(np.add),)),
    Case(np.cumsum, np.cumsum, roundings=prod(SHAPE), name="cumsum of all"),
    along(np.cumprod, N, (scanned(np.multiply),)),
    *(along(f, N) for f in newer("cumulative_sum", "cumulative_prod")),
    along(np.diff, 2, size=lambda x: x[..., 1:] + x[..., :-1]),
    Case(np.add.reduce, np.add.reduce, roundings=SHAPE[0]),
    Case(np.multiply.reduce, np.multiply.reduce, roundings=SHAPE[0]),
    *(along(f.reduce) for f in (np.maximum, np.minimum, np.fmax, np.fmin)),
    along(np.add.accumulate, N),
    along(np.multiply.accumulate, N),
    *(
        Case(f, lambda x, y, f=f: np.where(f(x > y, axis=-1, keepdims=True), x, y), (SHAPE, SHAPE))
        for f in (np.any, np.all, np.logical_and.reduce, np.logical_or.reduce)
    ),
    along(np.argmax, takes_radii=False),
    along(np.argmin, takes_radii=False),
    Case(np.argmax, np.argmax, takes_radii=False, name="argmax of all"),
    Case(np.trace, np.trace, roundings=4),
    Case(np.linalg.trace, np.linalg.trace, roundings=4),
)  # fmt: skip
PRODUCTS_OF_ARRAYS = (
    Case(np.matmul, np.matmul, MATRICES, by_sums(matrices), N + 1),
    Case(np.matmul, np.matmul, ((8,), (8, 3)), roundings=N + 1, name="matmul of a vector"),
    Case(np.matmul, np.matmul, ((5, 4, 8), (8,)), roundings=N + 1, name="matmul by a vector"),
    Case(np.linalg.matmul, np.linalg.matmul, MATRICES, by_sums(matrices), N + 1),
    Case(np.dot, np.dot, MATRICES, by_sums(matrices), N + 1),
    Case(np.dot, np.dot, ((2, 8), (3, 8, 2)), roundings=N + 1, name="dot of more axes"),
    Case(np.dot, np.dot, ((8,), (8,)), roundings=N + 1, name="dot of vectors"),
    Case(np.inner, np.inner, ((4, 8), (3, 8)), roundings=N + 1),
    Case(np.vdot, np.vdot, (SHAPE, SHAPE), roundings=33),
    Case(np.vecdot, np.vecdot, (SHAPE, SHAPE), by_sums(lambda t, x, y: t(x * y)), N + 1),
    Case(np.linalg.vecdot, np.linalg.vecdot, (SHAPE, SHAPE), roundings=N + 1),
    *(Case(f, f, (SHAPE, (8,)), roundings=N + 1) for f in newer("matvec")),
    *(Case(f, f, ((4,), SHAPE), roundings=5) for f in newer("vecmat")),
    Case(np.tensordot, lambda x, y: np.tensordot(x, y, 1), MATRICES, by_sums(matrices), N + 1),
    Case(np.tensordot, lambda x, y: np.tensordot(x, y, ([0, 1], [1, 0])), ((4, 8), (8, 4, 2)),
         roundings=33, name="tensordot of two axes"),
    Case(np.linalg.tensordot, lambda x, y: np.linalg.tensordot(x, y, axes=0), ((2, 3), (2,)),
         roundings=2),
    *(
        Case(np.einsum, lambda *arrays, s=s: np.einsum(s, *arrays), shapes, loops, n + 1, name=s)
        for s, shapes, n, loops in (
            ("ij,jk->ik", MATRICES, 8, by_sums(matrices)),
            ("ij,jk", MATRICES, 8, ()),
            ("ij->ji", (SHAPE,), 0, ()),
            ("ij->j", (SHAPE,), 4, ()),
            ("ii->i", ((5, 5),), 0, ()),
            ("ii", ((5, 5),), 5, ()),
            ("ij,ij->i", (SHAPE, SHAPE), 8, by_sums(lambda t, x, y: t(x * y))),
            ("i,j->ij", ((4,), (3,)), 1, ()),
            ("bij,bjk->bik", ((2, 3, 8), (2, 8, 4)), 8, by_sums(matrices)),
            ("...ij,...j->...i", ((2, 3, 8), (8,)), 8, ()),
        )
    ),
    Case(np.outer, np.outer, ((4,), (3,)), roundings=2),
    Case(np.linalg.outer, np.linalg.outer, ((4,), (3,)), roundings=2),
    *(
        Case(f, f, ((5, 3), (5, 3)), roundings=4, size=lambda x, y: crossed(x, y))
        for f in (np.cross, np.linalg.cross)
    ),
    *(
        Case(np.linalg.norm, lambda x, o=o: np.linalg.norm(x, o, axis=-1), roundings=N + 2,
             exact=o != 2, name=f"norm, ord={o}")
        for o in (0, 1, 2, np.inf, -np.inf)
    ),
    Case(np.linalg.norm, np.linalg.norm, roundings=34, exact=False),
    *(
        Case(np.linalg.norm, lambda x, o=o: np.linalg.norm(x, o), roundings=34, exact=o != "fro",
             name=f"norm of a matrix, ord={o}")
        for o in ("fro", 1, -1, np.inf, -np.inf)
    ),
    Case(np.linalg.vector_norm, lambda x: np.linalg.vector_norm(x, axis=-1), roundings=N + 2,
         loops=by_sums(lambda t, x: np.sqrt(t(x * x))), exact=False),
    Case(np.linalg.matrix_norm, np.linalg.matrix_norm, roundings=34, exact=False),
)  # fmt: skip


def crossed(x, y):
    """The magnitudes of a cross product's terms."""
    turns = ((1, 2), (2, 0), (0, 1))
    return np.stack([x[..., i] * y[..., j] + x[..., j] * y[..., i] for i, j in turns], axis=-1)


PLACES = np.array([2, 0, 2])
MOVES = (
    moved(np.swapaxes, 0, 1),
    moved(np.moveaxis, 0, -1),
    moved(np.rollaxis, 1),
    moved(np.transpose),
    moved(np.matrix_transpose),
    moved(np.linalg.matrix_transpose),
    moved(np.reshape, (8, -1)),
    Case(np.reshape, lambda x: x.reshape((2, 16)).reshape(-1, 4), name="method reshape"),
    moved(np.ravel),
    Case(np.ravel, lambda x: x.flatten(), name="method flatten"),
    moved(np.squeeze, shapes=((4, 1, 3),)),
    moved(np.expand_dims, 1),
    moved(np.broadcast_to, (2, 4, 8)),
    moved(np.flip, 0),
    moved(np.fliplr),
    moved(np.flipud),
    moved(np.rot90),
    moved(np.roll, 3, axis=1),
    moved(np.repeat, 2, 0),
    moved(np.tile, (2, 1)),
    moved(np.resize, (3, 5)),
    moved(np.take, PLACES, 1),
    moved(np.take_along_axis, np.argsort(np.arange(32).reshape(SHAPE) % 5, axis=1), 1),
    moved(np.delete, 1, 0),
    moved(np.diagonal),
    moved(np.linalg.diagonal),
    moved(np.diag),
    moved(np.diag, shapes=((3,),)),
    moved(np.diagflat, shapes=((3,),)),
    moved(np.tril),
    moved(np.triu, 1),
    moved(np.copy),
    *(moved(np.pad, 1, m) for m in ("edge", "reflect", "symmetric", "wrap", "constant")),
    moved(np.pad, ((1, 0), (0, 2)), constant_values=-2.5),
    moved(np.pad, ((1, 0), (0, 2)), constant_values=((1, 2), (3, -4))),
    moved_all(np.concatenate, axis=1),
    moved_all(np.stack, axis=-1),
    moved_all(np.vstack),
    moved_all(np.vstack, shapes=((3,), (3,))),
    moved_all(np.hstack),
    moved_all(np.hstack, shapes=((3,), (2,))),
    moved_all(np.dstack),
    moved_all(np.column_stack, shapes=((4,), SHAPE)),
    Case(np.append, lambda x, y: np.append(x, y, axis=0), (SHAPE, SHAPE)),
    Case(np.append, np.append, (SHAPE, (2,)), name="append to all"),
    Case(np.broadcast_arrays, np.broadcast_arrays, (SHAPE, (8,))),
    moved(np.atleast_1d, shapes=((),)),
    *(moved(f, shapes=(s,)) for f in (np.atleast_2d, np.atleast_3d) for s in ((), (3,), SHAPE)),
    moved(np.split, 4, axis=1),
    moved(np.split, [1, 3]),
    moved(np.array_split, 3, axis=1),
    moved(np.vsplit, 2),
    moved(np.hsplit, 2),
    *(moved(f) for f in newer("unstack")),
    Case(np.shape, lambda x: np.zeros(np.shape(x))),
    Case(np.ndim, lambda x: np.zeros(np.ndim(x))),
    Case(np.size, lambda x: np.zeros((np.size(x), np.size(x, 1)))),
    Case(np.full_like, lambda x: np.full_like(x, 1.75)),
    moved(np.ones_like),
    moved(np.zeros_like),
)
CASES = (*ELEMENTWISE, *REDUCTIONS, *PRODUCTS_OF_ARRAYS, *MOVES)


def every(cases):
    return pytest.mark.parametrize("case", cases, ids=str)


# ------------------------------------------------------------------------- the three tries


def parts(result):
    """Return what a function returned as a list."""
    return list(result) if isinstance(result, (tuple, list)) else [result]


def quarters(case):
    """Return floats that are multiples of 1/4, 0 and equal ones among them."""
    rng = np.random.default_rng(0)
    low = 1 if case.positive else -8
    return [rng.integers(low, 9, shape) / 4 for shape in case.shapes]


def not_exact(case):
    """Return how many numbers over exact arrays are not what float64 computes."""
    floats, wrong = quarters(case), 0
    with precision(256), np.errstate(all="ignore"):
        results = parts(case.compute(*map(ExactArray, floats)))
        for result, oracle in zip(results, parts(case.compute(*floats)), strict=True):
            value = result.to_float() if isinstance(result, ExactArray) else result
            assert np.shape(value) == np.shape(oracle)
            slack = 0 if case.exact else 1e-14 * np.maximum(1, np.abs(oracle))
            wrong += int((~(np.abs(value - oracle) <= slack)).sum())
    return wrong


def draw(case, dtype, rng, regimes=REGIMES):
    """Return floats of a regime, with 0 and equal ones among them."""
    regime, floats = rng.choice(regimes), []
    for shape in case.shapes:
        values = rng.normal(size=shape)
        if regime == "many sizes":
            values = values * 10 ** rng.uniform(-2, 1, shape)
        if regime == "whole":
            values = rng.integers(-4, 5, shape)
        if regime == "extreme":
            values = values * 10.0 ** rng.choice([-44, -38, -20, 0, 18, 36], shape)
        values = np.abs(values) + 0.125 * (regime != "extreme") if case.positive else values
        floats.append(np.asarray(values, dtype))
    return floats


def around(floats, model, rng):
    """Return balls around floats, a third of them and of the draws without a radius."""
    share = rng.choice([0, 1, 1]) * 10 ** rng.uniform(-9, -2, floats.shape)
    share = np.asarray(share * (rng.random(floats.shape) < 2 / 3), model.wide)
    ball = model.array(floats)
    mid = ball.mid * (1 + share * rng.uniform(-0.99, 0.99, floats.shape))
    return RoundingArray(mid, ball.rad + share * np.abs(ball.mid) * (1 + 2.0**-40), model)


def outside(case, dtype, seed):
    """Return how many results in a precision lie outside their balls."""
    rng = np.random.default_rng(seed)
    model = Model(dtype, compilers=COMPILERS[rng.integers(len(COMPILERS))])
    floats, wrong = draw(case, dtype, rng, REGIMES + ("extreme",) * case.takes_radii), 0
    with np.errstate(all="ignore"):
        operands = [around(x, model, rng) if case.takes_radii else model.array(x) for x in floats]
        balls = parts(case.compute(*operands))
        for implementation in (case.compute, *case.loops):
            for ball, values in zip(balls, parts(implementation(*floats)), strict=True):
                assert np.shape(values) == np.shape(ball)
                if isinstance(ball, RoundingArray):
                    unbounded = np.isposinf(ball.rad)
                    held = unbounded | (usage(np.asarray(values), ball) <= 1) & (ball.rad >= 0)
                    wrong += int((~held).sum())
                else:
                    wrong += int((np.asarray(values) != ball).sum())
    return wrong


def too_wide(case, dtype, seed):
    """Return how many radii are larger than the case says."""
    rng, model = np.random.default_rng(seed), Model(dtype)
    floats = draw(case, dtype, rng)
    wide = [np.abs(x).astype(model.wide) for x in floats]
    with np.errstate(all="ignore"):
        balls = parts(case.compute(*map(model.array, floats)))
        # What rounds has a size; what only moves numbers has a radius of 0.
        sizes = parts((case.size or case.compute)(*wide)) if case.roundings else [0] * len(balls)
    most = [case.roundings * model.unit * np.abs(size) * (1 + 2.0**-10) for size in sizes]
    tiny = 1e3 * model.tiny if case.roundings else 0
    pairs = [(b, m) for b, m in zip(balls, most, strict=True) if isinstance(b, RoundingArray)]
    return sum(int((~(ball.rad <= bound + tiny)).sum()) for ball, bound in pairs)


@every(CASES)
def test_over_exact_arrays_a_function_is_what_float64_computes_of_quarters(case):
    assert not_exact(case) == 0


@every(CASES)
@pytest.mark.parametrize("dtype", DTYPES)
@settings(max_examples=EXAMPLES)
@given(seed=SEEDS)
def test_over_balls_a_function_contains_every_order_and_its_radius_is_not_absurd(case, dtype, seed):
    assert outside(case, dtype, seed) == 0
    assert too_wide(case, dtype, seed) == 0


def test_every_function_with_a_rule_has_a_case():
    assert {name_of(case.function) for case in CASES} == set(map(name_of, RULES))


# ----------------------------------------------------------------- it would notice


def noticed(case):
    """Return which tries of a case fail, over a few seeds."""
    failing = {"not exact"} if not_exact(case) else set()
    for dtype in DTYPES:
        for seed in range(6):
            failing |= {"outside"} if outside(case, dtype, seed) else set()
            failing |= {"too wide"} if too_wide(case, dtype, seed) else set()
    return failing


# Which of the cases of np.pad pads with numbers above and below 0.
PADS_A_NUMBER = 6


def a_sum_for_a_mean(a, axis=None, keepdims=False):
    return np.sum(a, axis=axis, keepdims=keepdims)


def a_pad_of_the_radius(array, pad_width, mode="constant", constant_values=0):
    pad = lambda x: np.pad(x, pad_width, mode, constant_values=constant_values)
    if isinstance(array, RoundingArray):
        return RoundingArray(pad(array.mid), pad(array.rad), array.model)
    return array._moved(pad)


def an_axis_off_by_one(a, axis=None):
    return np.stack([np.sum(a[: k + 1], axis=0) for k in range(len(a))])


def a_product_of_one_rounding(a, axis=None, keepdims=False):
    """As if the product were one operation: the radius of one rounding."""
    product = a.prod(axis=axis, keepdims=keepdims)
    if isinstance(product, RoundingArray):
        product.rad = product.rad / (a.shape[axis] - 1)
    return product


def a_variance_of_a_sample(a, axis=None, ddof=0, keepdims=False):
    squares = np.square(a - np.mean(a, axis=axis, keepdims=True))
    return np.sum(squares, axis=axis, keepdims=keepdims) / (a.shape[axis] - 1)


def a_radius_of_the_whole(a, axis=None, keepdims=False):
    """Sound, and of no use."""
    total = a.sum(axis=axis, keepdims=keepdims)
    if isinstance(total, RoundingArray):
        total.rad = total.rad + 1e-3 * np.sum(a.outer, axis=axis, keepdims=keepdims)
    return total


@pytest.mark.parametrize(
    ("function", "planted", "seen"),
    [
        (np.mean, a_sum_for_a_mean, {"not exact", "outside", "too wide"}),
        (np.pad, a_pad_of_the_radius, {"outside", "too wide"}),
        (np.cumsum, an_axis_off_by_one, {"not exact", "outside"}),
        (np.prod, a_product_of_one_rounding, {"outside"}),
        (np.var, a_variance_of_a_sample, {"not exact", "outside"}),
        (np.sum, a_radius_of_the_whole, {"too wide"}),
    ],
    ids=lambda x: getattr(x, "__name__", None),
)
def test_a_wrong_rule_is_seen(function, planted, seen, monkeypatch):
    case = [case for case in CASES if case.function is function][
        PADS_A_NUMBER * (function is np.pad)
    ]
    assert noticed(case) == set()
    monkeypatch.setitem(RULES, function, RULES[function])  # so that it is put back
    composed(function)(planted)
    assert seen <= noticed(case)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_variance_in_one_pass_is_another_formula(dtype):
    """E[x^2] - E[x]^2 rounds by the size of x^2 (L16): far from 0 it leaves the ball."""
    x = np.random.default_rng(0).normal(100, 1, (50, 64)).astype(dtype)
    ball = np.var(Model(dtype).array(x), axis=-1)
    one_pass = np.mean(x * x, axis=-1) - np.square(np.mean(x, axis=-1))
    assert usage(np.var(x, axis=-1), ball).max() <= 1
    assert usage(one_pass, ball).max() > 1


def test_a_compiler_may_multiply_a_mean_by_the_inverse_of_the_count():
    """Of whole numbers, whose sum is exact, only the division rounds (L6', L3)."""
    x = np.random.default_rng(0).integers(-99, 100, (2000, 7)).astype("float32")
    inverted = np.sum(x, axis=-1) * np.float32(1 / 7)
    share = {
        c: usage(inverted, np.mean(Model("float32", compilers=c).array(x), -1)) for c in COMPILERS
    }
    assert share[()].max() > 1
    assert all(share[c].max() <= 1 for c in COMPILERS if c)


# ------------------------------------------------------------------------- the standard

# The Python array API standard, 2024.12: elementwise functions, statistics, manipulation,
# linear algebra, with its extension; data-apis.org/array-api/2024.12/API_specification.
STANDARD = {
    "elementwise": """
        abs acos acosh add asin asinh atan atan2 atanh bitwise_and bitwise_left_shift
        bitwise_invert bitwise_or bitwise_right_shift bitwise_xor ceil clip conj copysign cos
        cosh divide equal exp expm1 floor floor_divide greater greater_equal hypot imag
        isfinite isinf isnan less less_equal log log1p log2 log10 logaddexp logical_and
        logical_not logical_or logical_xor maximum minimum multiply negative nextafter
        not_equal positive pow real reciprocal remainder round sign signbit sin sinh square
        sqrt subtract tan tanh trunc""",
    "statistics": "cumulative_prod cumulative_sum max mean min prod std sum var",
    "manipulation": """
        broadcast_arrays broadcast_to concat expand_dims flip moveaxis permute_dims repeat
        reshape roll squeeze stack tile unstack""",
    "linear algebra": """
        matmul matrix_transpose tensordot vecdot linalg.cholesky linalg.cross linalg.det
        linalg.diagonal linalg.eigh linalg.eigvalsh linalg.inv linalg.matmul
        linalg.matrix_norm linalg.matrix_power linalg.matrix_rank linalg.matrix_transpose
        linalg.outer linalg.pinv linalg.qr linalg.slogdet linalg.solve linalg.svd
        linalg.svdvals linalg.tensordot linalg.trace linalg.vecdot linalg.vector_norm""",
    "searching, sorting, sets": """
        argmax argmin count_nonzero nonzero searchsorted where argsort sort unique_all
        unique_counts unique_inverse unique_values all any diff take take_along_axis""",
}
# What NumPy has since 2.1.
SINCE_2_1 = {"cumulative_prod", "cumulative_sum", "unstack"}
NAMES = [(kind, name) for kind, names in STANDARD.items() for name in names.split()]


@pytest.mark.parametrize(("kind", "name"), NAMES, ids=[name for _, name in NAMES])
def test_every_function_of_the_standard_has_a_rule_or_a_reason(kind, name):
    *inside, last = name.split(".")
    function = getattr(np.linalg if inside else np, last, None)
    if function is None:
        assert name in SINCE_2_1
        assert np.lib.NumpyVersion(np.__version__) < "2.1.0"
        return
    assert (function in RULES) != (function in REFUSED)


def test_every_reason_is_a_sentence_and_refuses_by_name():
    x = Model("float32").array(np.ones(3))
    for function, reason in REFUSED.items():
        assert len(reason.split()) > 4
        with pytest.raises(TypeError, match="is refused") as error:
            dispatch.answer_function(function, RoundingArray, (x,), {})
        assert str(error.value) == f"{name_of(function)} over RoundingArray is refused: {reason}"


# ----------------------------------------------------------------- what has no rule says so

BALLS = Model("float32").array(np.arange(1.0, 7).reshape(2, 3))
EXACT = ExactArray(np.arange(1.0, 7).reshape(2, 3))


@pytest.mark.parametrize("x", [BALLS, EXACT], ids=["balls", "exact"])
@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda x: np.arctan(x), "np.arctan over .* is refused: the rounding model has no row"),
        (lambda x: np.float_power(x, 2), "np.float_power over .* write x \\*\\* y"),
        (lambda x: np.heaviside(x, 0), "np.heaviside over .* has no rule .*@composed"),
        (lambda x: np.nanmean(x), "np.nanmean over .* names that have one: .*np.mean"),
        (lambda x: np.kron(x, x), "np.kron over .* has no rule"),
        (lambda x: np.empty_like(x), "np.empty_like over .* write np.zeros_like"),
        (lambda x: np.sum(x, dtype="float64"), "np.sum over balls takes no keyword dtype: "),
        (lambda x: np.sum(x, 0, "float64"), "np.sum over balls takes no keyword dtype: "),
        (lambda x: np.mean(x, where=[True]), "np.mean over balls takes no keyword where: "),
        (lambda x: np.max(x, initial=3), "np.max over balls takes no keyword initial: "),
        (lambda x: np.add(x, x, out=np.ones((2, 3))), "np.add over balls takes no keyword out: "),
        (lambda x: np.add.reduce(x, dtype=float), "np.add.reduce over balls takes no .* dtype"),
        (lambda x: np.take(x, [0], out=np.ones(1)), "np.take over balls takes no keyword out"),
        (lambda x: np.add.at(x, 0, 1), "np.add.at over .* has no rule: write np.where"),
        (lambda x: np.add.reduceat(x, [0]), "np.add.reduceat over .* has no rule: reduce the"),
        (lambda x: np.subtract.reduce(x), "np.subtract.reduce over .* has no rule: write the"),
        (lambda x: np.pad(x, 1, "mean"), "mode='mean'\\) computes .* constant, edge, reflect"),
        (lambda x: np.pad(x, 1, "linear_ramp"), "mode='linear_ramp'\\) computes"),
        (lambda x: np.pad(x, 1, "reflect", reflect_type="odd"), "reflect_type='odd' computes"),
        (lambda x: np.round(x, 2), "np.round\\(decimals=2\\)"),
        (lambda x: np.linalg.norm(x, "nuc"), "ord='nuc' has no rule: it takes singular values"),
        (lambda x: np.linalg.norm(x, 3, axis=1), "ord=3 has no rule: write the powers"),
        (lambda x: np.einsum("ij,ij,ij->i", x, x, x), "one or two arrays, not 3"),
        (lambda x: np.einsum("ij,k->k", x, x[0]), "sums over 'i', which only one"),
        (lambda x: np.where(x > 0), "takes a condition and two arrays"),
        (lambda x: np.sum(x > 0), "np.sum takes numbers, not the answer to a comparison"),
        (lambda x: x & x, "a ball has no bits"),
        (lambda x: np.asarray(x), "does not become an array of floats"),
        (lambda x: np.array([x, x]), "does not become an array of floats"),
        (lambda x: np.take(np.ones(9), x), "make an index of it by .astype"),
        (lambda x: x.__setitem__(0, 1), "is not written into: choose by np.where"),
        (lambda x: len(x[0, 0]), "a single number has no length"),
        (lambda x: list(x[0, 0]), "a single number has no length"),
    ],
)
def test_what_has_no_rule_says_so_by_name_and_what_to_do(x, call, words):
    with pytest.raises(TypeError, match=words):
        call(x)


def test_a_float_array_is_not_written_into_by_balls():
    a = np.ones((2, 3))
    with pytest.raises(TypeError, match=r"np.add over balls takes no keyword out: .*a = a"):
        a += BALLS


def test_a_rule_that_somebody_registers_is_taken(monkeypatch):
    monkeypatch.setitem(RULES, np.heaviside, None)
    del RULES[np.heaviside]

    @composed(np.heaviside)
    def heaviside(x, h):
        return np.where(x == 0, h, np.where(x > 0, 1.0, 0.0 * x))

    assert (np.heaviside(BALLS - 3, 0.5).mid == np.heaviside(BALLS.mid - 3, 0.5)).all()


# ------------------------------------------------------------------ what an ndarray has as well


@pytest.mark.parametrize("x", [BALLS, EXACT], ids=["balls", "exact"])
def test_an_array_has_a_length_rows_and_shapes_as_an_ndarray(x):
    floats = np.arange(1.0, 7).reshape(2, 3)
    assert (len(x), x.ndim, x.size, x.shape) == (2, 2, 6, (2, 3))
    assert [row.shape for row in x] == [(3,), (3,)]
    assert same(x.T, floats.T)
    assert same(x.transpose(1, 0), floats.T)
    assert same(x.reshape(3, 2), floats.reshape(3, 2))
    assert same(x.reshape((3, 2)), floats.reshape(3, 2))
    assert same(x.flatten(), floats.ravel())
    assert same(x[:, [2, 0]], floats[:, [2, 0]])
    assert same(x[floats > 2], floats[floats > 2])
    assert same(x[..., None].squeeze(-1), floats)
    assert same(np.add.outer(x[0], x[1]), np.add.outer(floats[0], floats[1]))
    assert same((x > 2) * x, (floats > 2) * floats)
    assert x[0, 0] > 0
    assert bool(x[0, 0])
    assert x.argmax() == 5
    for method in ("sum", "max", "min", "cumsum", "ravel", "copy", "diagonal"):
        assert same(getattr(x, method)(), getattr(floats, method)())


def same(array, floats):
    """Say whether an array is exactly these floats."""
    mid = array.mid if isinstance(array, RoundingArray) else array.to_float()
    exact = not isinstance(array, RoundingArray) or not array.rad.any()
    return mid.shape == floats.shape and bool((mid == floats).all()) and exact


@pytest.mark.parametrize("x", [BALLS, EXACT], ids=["balls", "exact"])
def test_in_place_operators_make_a_new_array_of_the_same_shape(x):
    floats = np.arange(1.0, 7).reshape(2, 3)
    y = x
    y += 1
    y *= 2
    y -= x
    assert same(y, (floats + 1) * 2 - floats)
    assert same(x, floats)
    row = x[0]
    with pytest.raises(ValueError, match=r"\(3,\) cannot become one of shape \(2, 3\)"):
        row += x


def test_an_if_on_a_ball_is_for_rounding_to_decide():
    one = Model("float32").decimal(0.1) - 0.1
    with pytest.raises(ValueError, match="rounding decides the branch"):
        bool(one)


def test_the_largest_of_two_that_overlap_has_no_place():
    model = Model("float32")
    x = model.array([1.0, 2.0, 2.0]) * model.decimal(0.1)
    with pytest.raises(ValueError, match="rounding decides which number is the largest"):
        np.argmax(x)
    assert np.argmin(x) == 0


def test_any_and_all_know_where_one_answer_settles_it():
    model = Model("float32")
    x = model.decimal([0.1, 0.3]) - [0.1, 0.2]  # 0 within its rounding, and above
    assert np.any(x > 0)
    assert not np.all(x > 1)
    with pytest.raises(ValueError, match="rounding decides"):
        bool(np.all(x > 0))


# ------------------------------------------------------------------------- radii


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_padded_constant_has_the_radius_of_its_float_and_never_itself(dtype):
    model = Model(dtype)
    ball = np.pad(model.array(np.ones(2)), 1, constant_values=-0.1)
    nearest = 0 if dtype == "float64" else pytest.approx(model.unit * 0.1)
    assert list(ball.rad) == [nearest, 0, 0, nearest]
    assert list(ball.mid.astype(float)) == [-0.1, 1, 1, -0.1]


@pytest.mark.parametrize("rad", [-1.0, -1e-300, np.nan])
def test_a_radius_below_0_or_nan_is_no_certificate(rad):
    """A ball of a negative radius is met by every value: |value - mid| / rad is below 1."""
    model = Model("float32")
    planted = RoundingArray(np.zeros((2, 3)), np.full((2, 3), 1.0), model)
    planted.rad[1, 2] = rad
    with pytest.raises(ValueError, match=f"enclosure of gradients W has a radius of {rad}"):
        Check().add("gradients", "W", np.full((2, 3), 7.0, "float32"), planted)
    planted.rad[1, 2] = 1.0
    Check().add("gradients", "W", np.full((2, 3), 7.0, "float32"), planted)
