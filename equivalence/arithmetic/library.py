"""Functions of one number that few layers need.

A row each: for balls ``flint.arb`` encloses the function over what the operand may be, and the
table of errors says what a kernel rounds (L10); for numbers that move the row has the slope.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from flint import arb, ctx

from equivalence.arithmetic.dispatch import missing, rule
from equivalence.arithmetic.special import BITS, arb_function
from equivalence.arithmetic.two_floats import TwoFloats, narrowed
from equivalence.arithmetic.two_floats_functions import by_flint
from refimpl import functions, special_functions


@dataclass(frozen=True)
class Library:
    """One function.

    name: in the table of errors; function: that of ``refimpl.functions``.
    exact: of ``flint.arb``.
    slope: its derivative, of float64.
    size: of a float64 midpoint and radius, what a kernel's error is measured by where that is not
        the result: the terms that it adds up, which cancel.
    """

    name: str
    function: Callable
    exact: Callable
    slope: Callable
    size: Callable | None = None


# Up to where kernels take psi's recurrence, term by term.
NEAR = 10


def _log_gamma(x):
    return x.lgamma() if x > 0 else abs(x.gamma()).log()


def _quantile(p):
    return -(2 * p).erfcinv() * arb(2).sqrt()


def _scaled(order):
    return lambda x: x.bessel_i(order) * (-abs(x)).exp()


def _trigamma_of(x):
    """How fast digamma grows, by the same recurrence, reflection and series."""
    if x <= 0:
        if x == math.floor(x):
            return math.inf
        return (math.pi / math.sin(math.pi * (x - round(x)))) ** 2 - _trigamma_of(1 - x)
    lost = []
    while x < special_functions._FAR:
        lost.append(x**-2)
        x += 1
    series = [
        2 * (k + 1) * factor * x ** (-2 * (k + 1) - 1)
        for k, factor in enumerate(special_functions._STIRLING)
    ]
    return math.fsum([1 / x, 0.5 / x**2, *series, *lost])


_trigamma = np.frompyfunc(_trigamma_of, 1, 1)


def _terms_of_digamma(mid, rad):
    """Return how large the terms are that psi is the sum of, at most over a ball.

    Below 0 these are of psi(1 - x) and of pi / tan(pi x), whose argument is rounded.
    """
    low, high = mid - rad, mid + rad
    below = high <= 0
    near, far = np.where(below, 1 - high, low), np.where(below, 1 - low, high)
    size = np.abs(np.log(np.maximum(far, NEAR)))
    for k in range(NEAR):
        size = size + np.where(near + k < NEAR, 1 / (near + k), 0)
    apart = np.abs(mid - np.rint(mid))
    reflected = np.pi / np.tan(np.pi * apart) + np.pi**2 * apart / np.sin(np.pi * apart) ** 2
    size = np.where(below, size + reflected, size)
    return np.where((low > 0) | (below & (rad == 0)), size, np.inf)


def _slope_of_i1(x):
    ratio = np.where(x == 0, 0.5, special_functions.bessel_i1(x) / np.where(x == 0, 1, x))
    return special_functions.bessel_i0(x) - ratio


def _slope_of_i1e(x):
    e0, e1 = special_functions.bessel_i0e(x), special_functions.bessel_i1e(x)
    return e0 - np.sign(x) * e1 - np.where(x == 0, 0.5, e1 / np.where(x == 0, 1, x))


LIBRARY = (
    Library("erf", functions._erf, arb.erf, lambda x: 2 / np.sqrt(np.pi) * np.exp(-x * x)),
    Library("sinh", functions._sinh, arb.sinh, np.cosh),
    Library("cosh", functions._cosh, arb.cosh, np.sinh),
    Library("tan", functions._tan, arb.tan, lambda x: 1 / np.square(np.cos(x))),
    Library("asin", functions._asin, arb.asin, lambda x: 1 / np.sqrt(1 - x * x)),
    Library("acos", functions._acos, arb.acos, lambda x: -1 / np.sqrt(1 - x * x)),
    Library("atan", functions._atan, arb.atan, lambda x: 1 / (1 + x * x)),
    Library("asinh", functions._asinh, arb.asinh, lambda x: 1 / np.sqrt(1 + x * x)),
    Library("acosh", functions._acosh, arb.acosh, lambda x: 1 / np.sqrt(x * x - 1)),
    Library("atanh", functions._atanh, arb.atanh, lambda x: 1 / (1 - x * x)),
    Library(
        "lgamma",
        special_functions._lgamma,
        _log_gamma,
        special_functions.digamma,
        lambda mid, rad: np.ones_like(mid),
    ),
    Library(
        "digamma",
        special_functions._digamma,
        arb.digamma,
        lambda x: _trigamma(x).astype(np.float64),
        _terms_of_digamma,
    ),
    Library(
        "ndtri",
        special_functions._ndtri,
        _quantile,
        lambda x: np.sqrt(2 * np.pi) * np.exp(np.square(special_functions.ndtri(x)) / 2),
    ),
    Library(
        "bessel_i0",
        special_functions._bessel_i0,
        lambda x: x.bessel_i(0),
        special_functions.bessel_i1,
    ),
    Library("bessel_i1", special_functions._bessel_i1, lambda x: x.bessel_i(1), _slope_of_i1),
    Library(
        "bessel_i0e",
        special_functions._bessel_i0e,
        _scaled(0),
        lambda x: special_functions.bessel_i1e(x) - np.sign(x) * special_functions.bessel_i0e(x),
    ),
    Library("bessel_i1e", special_functions._bessel_i1e, _scaled(1), _slope_of_i1e),
)


def enclosed(row, mid, rad):
    """Return a row's function at midpoints, and what radii carry: infinite where nothing bounds it.

    A midpoint's lower half, which ``arb`` is not given here, is added to the radius.
    """
    value = by_flint(row.exact, mid) if isinstance(mid, TwoFloats) else arb_function(row.exact, mid)
    middle, at = narrowed(mid), narrowed(value)
    carried = np.zeros(np.shape(rad))
    before, ctx.prec = ctx.prec, BITS
    try:
        for index in np.argwhere(np.asarray(rad) > 0):
            place = tuple(index)
            wide = float(rad[place]) * (1 + 2.0**-40) + abs(float(middle[place])) * 2.0**-52
            apart = abs(row.exact(arb(float(middle[place]), wide)) - arb(float(at[place])))
            high = float(apart.abs_upper()) + abs(float(at[place])) * 2.0**-52
            carried[place] = high if high == high else np.inf
    finally:
        ctx.prec = before
    return value, np.where(np.isfinite(at), carried, np.inf)


def _by_row(row):
    def answer(x):
        if not hasattr(x, "by_library"):
            raise missing(row.function, type(x))
        return x.by_library(row)

    answer.__name__ = row.name
    rule(row.function)(answer)


for each in LIBRARY:
    _by_row(each)
