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
TINY = np.float32(_FLOAT32.tiny)
# The rounding of the result, and of what stands for it in float64.
RELATIVE = (_FLOAT32.unit + 4 * 2.0**-53) * OUTWARDS
# Results from here to here can neither be flushed nor overflow, whichever way they are rounded.
LEAST, MOST = 2 * _FLOAT32.tiny, _FLOAT32.largest / 2
_NOTHING = np.finfo(np.float64).tiny
# Of a largest share below this, all are below 1, as float64 divides.
BELOW = 1 - 2.0**-40


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
    np.sqrt: lambda root, x: root == 0,
}


def hold(operation, operands, value, least):
    """Return (usage, sharp to) of what NumPy's float32 gives of arrays, by its balls.

    Or None where a number may be flushed, overflows, is none, or is divided by 0.

    sharp to: the median of the smallest relative errors that would be found in numbers of at
    least that magnitude which are not 0; None without any.
    """
    if not all(_in_range(np.abs(operand), TINY) for operand in operands):
        return None
    mid = operation(*operands, dtype=np.float64)
    size = np.abs(mid)
    if not _in_range(size, LEAST):
        return None
    # What float64 gives is a float32 only where the exact result is one, or nearly (L6).
    exact = mid == value
    some = np.logical_or.reduce(exact, axis=None)
    if some:
        exact = exact & OPERATIONS[operation](mid, *operands)
    away = np.abs(value - mid)
    rad = size * RELATIVE
    usage = np.maximum.reduce(away / (rad + _NOTHING), axis=None)
    if some:
        rad *= ~exact
    if not (usage < BELOW and not some) and not (away <= rad).all():
        return None
    size, away, least = np.ravel(np.abs(value)), np.ravel(away + rad), max(least, LEAST)
    if not np.minimum.reduce(size, initial=MOST) >= least:
        counts = size >= least
        away, size = away[counts], size[counts]
    return float(usage), median(away / size) if size.size else None


def _in_range(size, least):
    """Say whether magnitudes are 0, or from ``least`` to MOST."""
    if not np.maximum.reduce(size, axis=None, initial=0) <= MOST:  # nor is one no number
        return False
    if np.minimum.reduce(size, axis=None, initial=MOST) >= least:
        return True
    small = size < least
    return not (small.any() and size[small].any())


def median(numbers):
    """Return the median of some numbers, none of which is NaN."""
    middle = numbers.size // 2
    part = np.partition(np.ravel(numbers), middle)
    if numbers.size % 2:
        return float(part[middle])
    return float((part[:middle].max() + part[middle]) / 2)
