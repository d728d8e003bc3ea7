"""Functions of one number that few layers need.

A row each: for balls ``flint.arb`` encloses the function over what the operand may be, and the
table of errors says what a kernel rounds (L10); for numbers that move the row has the slope.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from flint import arb, ctx

from equivalence.arithmetic.dispatch import missing, rule
from equivalence.arithmetic.special import BITS, arb_function
from equivalence.arithmetic.two_floats import TwoFloats, narrowed
from equivalence.arithmetic.two_floats_functions import by_flint
from refimpl import functions


@dataclass(frozen=True)
class Library:
    """One function.

    name: in the table of errors; function: that of ``refimpl.functions``.
    exact: of ``flint.arb``.
    slope: its derivative, of float64.
    """

    name: str
    function: Callable
    exact: Callable
    slope: Callable


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
