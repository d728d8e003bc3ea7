"""Functions of one number that are not elementary: of a normal number, gamma, Bessel's.

Computed in float64, element by element, and rounded to the dtype of what they are taken of.
"""

import math
from statistics import NormalDist

import numpy as np

from refimpl.functions import _like

# B_2k / 2k, the factors of x^-2k in Stirling's series (Abramowitz and Stegun 6.3.18).
_STIRLING = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12)
# From where on that series, and Hankel's of Bessel's functions, are as good as float64.
_FAR = 12
_FARTHER = 40


def _lgamma_of(x):
    return math.inf if x == math.floor(x) and x <= 0 else math.lgamma(x)


def _digamma_of(x):
    """The recurrence psi(x) = psi(x + 1) - 1 / x, Stirling's series; reflected below 0."""
    if x <= 0:
        if x == math.floor(x):
            return math.nan
        apart = x - round(x)
        return _digamma_of(1 - x) - math.pi / math.tan(math.pi * apart)
    lost = []
    while x < _FAR:
        lost.append(-1 / x)
        x += 1
    series = [-factor * x ** (-2 * (k + 1)) for k, factor in enumerate(_STIRLING)]
    return math.fsum([math.log(x), -0.5 / x, *series, *lost])


def _ndtri_of(p):
    if not 0 < p < 1:
        return {0: -math.inf, 1: math.inf}.get(p, math.nan)
    return NormalDist().inv_cdf(p)


def _scaled_bessel_i(order, x):
    """exp(-|x|) I(x): terms above 0, or Hankel's series far out (A. and S. 9.7.1)."""
    size = abs(x)
    term, found, k = (1.0, 1.0, 1) if size > _FARTHER else ((size / 2) ** order, 0.0, 0)
    if size > _FARTHER:
        while abs(term) > 2**-60 * abs(found):
            term *= -(4 * order * order - (2 * k - 1) ** 2) / (8 * k * size)
            found += term
            k += 1
        found /= math.sqrt(2 * math.pi * size)
    else:
        while term > 2**-60 * found:
            found += term
            k += 1
            term *= size * size / 4 / (k * (k + order))
        found *= math.exp(-size)
    return -found if x < 0 and order % 2 else found


def _bessel_i(order, x):
    return (
        _scaled_bessel_i(order, x)
        * math.exp(min(abs(x), 709))
        * math.exp(max(abs(x) - 709, 0))
    )


_lgamma = np.frompyfunc(_lgamma_of, 1, 1)
_digamma = np.frompyfunc(_digamma_of, 1, 1)
_ndtri = np.frompyfunc(_ndtri_of, 1, 1)
_bessel_i0 = np.frompyfunc(lambda x: _bessel_i(0, x), 1, 1)
_bessel_i1 = np.frompyfunc(lambda x: _bessel_i(1, x), 1, 1)
_bessel_i0e = np.frompyfunc(lambda x: _scaled_bessel_i(0, x), 1, 1)
_bessel_i1e = np.frompyfunc(lambda x: _scaled_bessel_i(1, x), 1, 1)


def lgamma(x):
    """Return log |gamma(x)|."""
    return _like(_lgamma(x), x)  # (1)


def digamma(x):
    """Return the slope of log gamma(x)."""
    return _like(_digamma(x), x)  # (2)


def ndtri(x):
    """Return the number below which a normal one lies with probability x."""
    return _like(_ndtri(x), x)  # (3)


def bessel_i0(x):
    """Return the modified Bessel function of the first kind, of order 0."""
    return _like(_bessel_i0(x), x)  # (4)


def bessel_i1(x):
    """Return that of order 1."""
    return _like(_bessel_i1(x), x)  # (5)


def bessel_i0e(x):
    """Return exp(-|x|) times that of order 0."""
    return _like(_bessel_i0e(x), x)  # (6)


def bessel_i1e(x):
    """Return exp(-|x|) times that of order 1."""
    return _like(_bessel_i1e(x), x)  # (7)
