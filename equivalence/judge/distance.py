"""How far two floats are apart, in ULP."""

import numpy as np


def ulps(a, b):
    """Return |a - b| in units of the spacing of floats at the larger of the two.

    Works elementwise on arrays of one dtype; NaN against NaN is 0, NaN against
    a number is infinite.
    """
    a, b = np.asarray(a), np.asarray(b)
    with np.errstate(invalid="ignore", over="ignore"):
        spacing = np.spacing(np.maximum(np.abs(a), np.abs(b))).astype(np.float64)
        apart = np.abs(a.astype(np.float64) - b.astype(np.float64)) / spacing
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    return np.where(same, 0, np.where(np.isnan(apart), np.inf, apart))


def told_apart(values):
    """Return floats as decimals with as many digits as it takes to tell those apart that differ.

    At least 9 digits, and at most 17, by which any two float64 numbers differ.
    """
    different = len({repr(float(value)) for value in values})
    for digits in range(9, 17):
        words = [f"{value:.{digits}g}" for value in values]
        if len(set(words)) == different:
            return words
    return [f"{value:.17g}" for value in values]


def largest(array):
    """Return the largest element as a Python float, 0 for an empty array."""
    return float(np.max(array, initial=0))
