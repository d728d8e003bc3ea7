"""The complementary error function of many float64 at once, by a Taylor polynomial on each piece.

The C library is asked one number at a time.  The polynomial about the middle of each of 2048 short
pieces is as near to the exact function as what the C library says of that middle, and several
times as fast.
"""

from functools import cache

import numpy as np

from refimpl import functions

# Pieces of [-END, END], which are WIDE each; beyond, erfc is asked of the C library.
END, WIDE, DEGREE = 4, 2.0**-8, 6
# What a result may be off, in units of float64, relatively: the C library's 5 ULP at a middle (The
# GNU C Library, Errors in Math Functions, x86_64) are 10; the last addition's rounding is 1;
# Lagrange's remainder is below 0.3 (proved in balls by tests/test_rounding_model.py); and 20
# roundings of the other terms, whose sum is at most 0.017 of the first, are below 0.3.
UNITS = 12


# What is computed at a time, so that all of it stays in the processor's cache.
BLOCK = 2**14


def erfc(x):
    """Return erfc of an array of float64, of any shape, within UNITS."""
    flat = np.ravel(x)
    found = np.empty_like(flat)
    for start in range(0, flat.size, BLOCK):
        found[start : start + BLOCK] = _of_block(flat[start : start + BLOCK])
    return found.reshape(np.shape(x))


def _of_block(x):
    away = np.clip(x, -END, END - WIDE / 2)
    with np.errstate(invalid="ignore"):  # a NaN is of any piece: what it is taken to be is a NaN
        piece = ((away + END) / WIDE).astype(np.intp)
    away -= piece * WIDE + (WIDE / 2 - END)
    terms = _coefficients()
    found = np.take(terms[-1], piece, mode="clip")
    for term in terms[-2::-1]:
        found *= away
        found += np.take(term, piece, mode="clip")
    beyond = np.abs(x) > END - WIDE / 2
    if beyond.any():
        found[beyond] = functions.erfc(x[beyond])
    return found


def middles():
    """Return the middle of each piece."""
    return (np.arange(2 * END / WIDE) + 0.5) * WIDE - END


@cache
def _coefficients():
    """Return erfc's Taylor coefficients about each middle: (1 + DEGREE, pieces).

    Those of its slope g follow from g' = -2 x g: (n + 1) g[n + 1] = -2 (c g[n] + g[n - 1]).
    """
    c = middles()
    before, slope = np.zeros_like(c), -2 / np.sqrt(np.pi) * np.exp(-np.square(c))
    found = [functions.erfc(c)]
    for n in range(DEGREE):
        found.append(slope / (n + 1))
        before, slope = slope, -2 / (n + 1) * (c * slope + before)
    return np.stack(found)
