"""Balls of one operation of float32 numbers, which rounds once, in few passes.

A training step's tensors go through some hundreds of sums, differences, products and quotients,
each of operands that are known exactly.  The balls are those of ``rounding``: there is nothing
that such operands carry, and most results are neither near 0 nor near the largest float; what
is, ``rounding`` holds.
"""

import numpy as np

from equivalence.arithmetic.precisions import precision_of
from equivalence.arithmetic.rounding import OUTWARDS
from equivalence.arithmetic.two_floats import sums_exactly

_FLOAT32 = precision_of("float32")
# The rounding of the result, and of what stands for it in float64.
RELATIVE = (_FLOAT32.unit + 4 * 2.0**-53) * OUTWARDS
# Results from here to here can neither be flushed nor overflow, whichever way they are rounded.
LEAST, MOST = 2 * _FLOAT32.tiny, _FLOAT32.largest / 2


def _sum_is_float(total, x, y):
    return sums_exactly(x.astype(np.float64), y.astype(np.float64), total)


def _difference_is_float(total, x, y):
    return sums_exactly(x.astype(np.float64), -y.astype(np.float64), total)


# ufunc -> whether what float64 gives is the result itself, where that is a float32 (L6).
OPERATIONS = {
    np.add: _sum_is_float,
    np.subtract: _difference_is_float,
    np.multiply: lambda product, x, y: np.True_,  # 48 bits at most
    np.divide: lambda quotient, x, y: quotient * y == x,
}


def ball(operation, x, y):
    """Return midpoints, radii and radii without L6 of an operation of float32 arrays.

    Or None where a number may be flushed, overflows, is none, or is divided by 0.
    """
    if not (_in_range(x, _FLOAT32.tiny) and _in_range(y, _FLOAT32.tiny)):
        return None
    with np.errstate(all="ignore"):
        mid = operation(x, y, dtype=np.float64)
        size = np.abs(mid)
        if not _in_range(size, LEAST):
            return None
        exact = mid == mid.astype(np.float32)
        if exact.any():
            exact = exact & OPERATIONS[operation](mid, x, y)
    wide = size * RELATIVE
    return mid, wide * ~exact, wide + np.finfo(np.float64).tiny  # which divides 0, too


def _in_range(x, least):
    """Say whether all numbers are 0, or from ``least`` to MOST."""
    size = np.abs(x)
    if not np.max(size, initial=0) <= MOST:  # as it is not if one is no number
        return False
    small = size < least
    return not (small.any() and size[small].any())
