"""The complementary error function of many float64 at once, by a cubic on each short piece.

The C library is asked one number at a time.  Where a hundredth of float32's rounding is near
enough, the Taylor polynomial about the middle of each of 2048 pieces is several times as fast.
"""

from functools import cache

import numpy as np

from equivalence.arithmetic.special import wide_erfc

# Pieces of [-END, END], which are WIDE each; beyond, erfc is asked of the C library.
END, WIDE = 4, 2.0**-8
# The largest relative error of ``erfc``, of which Lagrange's remainder is 2.4e-9 (proved in balls
# by tests/test_rounding_model.py) and some 20 roundings of float64 and the C library's 5 ULP less
# than a millionth.
OFF = 3e-9


def erfc(x):
    """Return erfc of an array of float64, of any shape, within OFF, relatively."""
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
        found[beyond] = wide_erfc(x[beyond])
    return found


def middles():
    """Return the middle of each piece."""
    return (np.arange(2 * END / WIDE) + 0.5) * WIDE - END


@cache
def _coefficients():
    """Return erfc at each middle, and its first three derivatives over 1, 2 and 6: (4, pieces)."""
    c = middles()
    slope = -2 / np.sqrt(np.pi) * np.exp(-np.square(c))
    return np.stack([wide_erfc(c), slope, -c * slope, (2 * np.square(c) - 1) / 3 * slope])
