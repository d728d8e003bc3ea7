"""Floats as exact numbers, and whether exact numbers lie in rounding balls."""

import numpy as np
from flint import arb

from equivalence.arithmetic.exact import precision
from equivalence.arithmetic.two_floats import TwoFloats

BITS = 512


def exactly(array):
    """Return floats, of longdouble and of two floats too, as an object array of arb."""
    if isinstance(array, TwoFloats):
        return exactly(array.hi) + exactly(array.low)
    fraction, exponent = np.frexp(np.asarray(array))
    return np.asarray(_scaled(np.ldexp(fraction, 64), exponent - 64), dtype=object)


_scaled = np.frompyfunc(lambda whole, exponent: arb((int(whole), int(exponent))), 2, 1)


def contains(ball, values):
    """Say elementwise whether exact values lie in balls; unbounded balls hold all.

    A ball may end where the value lies, at 0: the value's own radius, some 2^-200 of the
    numbers that made it, is not held against the ball.
    """
    rad, mid = np.broadcast_to(ball.rad, ball.shape), ball.mid
    unbounded = ~np.isfinite(rad)
    with precision(BITS):
        inside = _within(values - exactly(mid), exactly(np.where(unbounded, 0, rad)))
    return unbounded | np.asarray(inside, dtype=bool)


_within = np.frompyfunc(lambda apart, rad: apart.abs_lower() <= rad, 2, 1)
