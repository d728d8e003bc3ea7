"""Operations of each number by itself that are no elementary functions; an angle of two."""

import numpy as np

from refimpl import special_functions


def lgamma(x):
    return special_functions.lgamma(x)  # (1)


def digamma(x):
    return special_functions.digamma(x)  # (2)


def ndtri(x):
    return special_functions.ndtri(x)  # (3)


def erfinv(x):
    """The number whose error function is x, by the quantile of a normal one."""
    return special_functions.ndtri(x * 0.5 + 0.5) * np.sqrt(0.5)  # (4)


def bessel_i0(x):
    return special_functions.bessel_i0(x)  # (5)


def bessel_i1(x):
    return special_functions.bessel_i1(x)  # (6)


def bessel_i0e(x):
    return special_functions.bessel_i0e(x)  # (7)


def bessel_i1e(x):
    return special_functions.bessel_i1e(x)  # (8)


def atan2(y, x):
    """The angle from the first axis to (x, y)."""
    return np.arctan2(y, x)  # (9)
