"""The complementary error function of many float64 at once, by a polynomial on each short piece.

The C library is asked one number at a time.  Where a thousandth of float32's rounding is near
enough, a cubic Taylor polynomial about the middle of each of 2048 pieces is many times as fast.
"""

import math
from functools import cache

import numpy as np
from flint import arb, arb_series, ctx

from equivalence.arithmetic.exact import precision

# Pieces of [-END, END], which are WIDE each; beyond, erfc is asked of the C library.
END, WIDE = 4, 2.0**-8
DEGREE = 3
BITS = 96
# The largest relative error of ``erfc``: proved of each piece by ``largest_error``, with which
# go less than 20 roundings of float64, and 5 ULP of the C library beyond END.
OFF = 3e-9


def erfc(x):
    """Return erfc of an array of float64, of any shape, within OFF, relatively."""
    inside = np.clip(x, -END, END - WIDE / 2)
    with np.errstate(invalid="ignore"):  # a NaN is of any piece: what it is taken to be is a NaN
        piece = ((inside + END) / WIDE).astype(np.intp)
    inside -= piece * WIDE + (WIDE / 2 - END)  # exactly (Sterbenz), but of the last half piece
    terms = _coefficients()
    found = np.take(terms[DEGREE], piece, mode="clip")
    for power in reversed(range(DEGREE)):
        found *= inside
        found += np.take(terms[power], piece, mode="clip")
    beyond = np.abs(x) > END - WIDE / 2
    if beyond.any():
        found[beyond] = [math.erfc(each) for each in x[beyond].tolist()]
    return found


@cache
def _coefficients():
    """Return the Taylor coefficients about each middle: (1 + DEGREE, pieces)."""
    of_each = [_series(middle, 0)[: DEGREE + 1] for middle in _middles()]
    return np.array([[float(term.mid()) for term in terms] for terms in of_each]).T.copy()


def largest_error():
    """Return the largest relative error of a piece's polynomial: what Lagrange's remainder is.

    Of the (1 + DEGREE)-th Taylor coefficient over the whole piece, as a ball, times half the
    piece to that power, over the smallest erfc there.
    """
    half = arb(WIDE) / 2
    errors = []
    for middle in _middles():
        with precision(BITS):
            last = abs(_series(middle, WIDE / 2)[DEGREE + 1]) * half ** (DEGREE + 1)
            errors.append(float((last / arb.erfc(arb(middle) + half)).upper()))
    return max(errors)


def _middles():
    return [(k + 0.5) * WIDE - END for k in range(round(2 * END / WIDE))]


def _series(middle, radius):
    """Return the Taylor coefficients of erfc, as balls, about every number of a ball."""
    cap, ctx.cap = ctx.cap, DEGREE + 2
    try:
        with precision(BITS):
            series = arb_series([arb(middle, radius), 1]).erfc()
            return [series[k] for k in range(DEGREE + 2)]
    finally:
        ctx.cap = cap
