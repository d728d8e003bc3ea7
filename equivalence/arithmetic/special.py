"""The complementary error function, erfc(x) = 1 - erf(x), of arrays wider than a run's."""

import math

import numpy as np
from flint import arb, ctx

from equivalence.arithmetic import erfc_pieces
from equivalence.arithmetic.exact import precision
from equivalence.arithmetic.two_floats import TwoFloats
from equivalence.arithmetic.two_floats_functions import by_flint, pair
from refimpl import functions

BITS = 160  # of the exact function, far more than any result needs
# The largest slope of erfc is that at 0, -2 / sqrt(pi).
SLOPE = 2 / np.sqrt(np.longdouble(np.pi))
# Of the format of the result, in units: what ``wide_erfc`` may be off.
OWN_UNITS = erfc_pieces.UNITS


def wide_erfc(x):
    """Return erfc of an array of float64, within OWN_UNITS, or of a wider format, rounded once."""
    if isinstance(x, TwoFloats):
        return by_flint(arb.erfc, x)
    if x.dtype == np.float64:
        return erfc_pieces.erfc(x)
    return arb_function(arb.erfc, x)


def wide_erf(x):
    """Return erf of an array of float64, by the C library, or of a wider format, rounded once."""
    if x.dtype == np.float64:
        return functions.erf(x)
    return arb_function(arb.erf, x)


def angles(y, x):
    """Return the angles of points (x, y) of a format of midpoints, within 4 of its units."""
    if isinstance(y, TwoFloats):
        exactly = lambda z: np.vectorize(lambda hi, low: arb(hi) + arb(low), otypes=[object])(
            z.hi, z.low
        )
        with precision(BITS):
            found = np.vectorize(lambda a, b: pair(arb.atan2(a, b)), otypes=[float, float])(
                exactly(y), exactly(x)
            )
        return TwoFloats(*found)
    return np.arctan2(y, x)


def arb_function(function, x):
    """Return ``function``, of ``flint.arb``, of an array: rounded to the array's format."""
    flat = np.asarray(x).ravel()
    before, ctx.prec = ctx.prec, BITS
    try:
        found = [_narrow(function(_exactly(value)), flat.dtype) for value in flat]
    finally:
        ctx.prec = before
    return np.array(found, flat.dtype).reshape(np.shape(x))


def _exactly(value):
    """Return a float of any format up to twice float64's as an arb."""
    high = float(value)
    if not math.isfinite(high):
        return arb(high)
    return arb(high) + arb(float(value - type(value)(high)))


def _narrow(ball, dtype):
    middle = ball.mid()
    high = float(middle)
    if not math.isfinite(high):
        return dtype.type(high)
    return dtype.type(high) + dtype.type(float(middle - arb(high)))
