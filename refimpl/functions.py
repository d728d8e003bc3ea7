"""Functions that NumPy lacks."""

import math

import numpy as np

_erfc = np.frompyfunc(math.erfc, 1, 1)
_erf = np.frompyfunc(math.erf, 1, 1)
_sinh = np.frompyfunc(np.sinh, 1, 1)
_cosh = np.frompyfunc(np.cosh, 1, 1)
_tan = np.frompyfunc(np.tan, 1, 1)
_asin = np.frompyfunc(np.arcsin, 1, 1)
_acos = np.frompyfunc(np.arccos, 1, 1)
_atan = np.frompyfunc(np.arctan, 1, 1)
_asinh = np.frompyfunc(np.arcsinh, 1, 1)
_acosh = np.frompyfunc(np.arccosh, 1, 1)
_atanh = np.frompyfunc(np.arctanh, 1, 1)


def erfc(x):
    """Return 1 - erf(x) = 2 / sqrt(pi) times the integral of exp(-t^2) from x on.

    Python's own, element by element: computed in float64 and rounded to x's dtype.
    """
    return _of_each(math.erfc, x) if _is_plain(x) else _like(_erfc(x), x)  # (1)


def total(first, others):
    """Return one sum of all, since nothing says in which order they meet."""
    return np.sum(np.stack([first, *others]), axis=0) if others else first  # (2)


def first_smallest(x):
    """Return 1 for the smallest number of the last axis, the first of equals, else 0.

    Every number is compared with every other: the smallest beats all.
    """
    places, beaten = np.arange(x.shape[-1]), False
    for k in range(x.shape[-1]):
        rival = x[..., k : k + 1]
        ahead = ((rival <= x) & (places > k)) | ((rival < x) & (places < k))  # (3)
        beaten = beaten | ahead
    return np.where(beaten, np.zeros_like(x), np.ones_like(x))  # (4)


def erf(x):
    """Return 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x; as ``erfc``."""
    return _of_each(math.erf, x) if _is_plain(x) else _like(_erf(x), x)  # (5)


def sinh(x):
    """Return the hyperbolic sine, computed in float64, element by element."""
    return _like(_sinh(x), x)  # (6)


def cosh(x):
    """Return the hyperbolic cosine."""
    return _like(_cosh(x), x)  # (7)


def tan(x):
    """Return the tangent."""
    return _like(_tan(x), x)  # (8)


def asin(x):
    """Return the angle whose sine is x."""
    return _like(_asin(x), x)  # (9)


def acos(x):
    """Return the angle whose cosine is x."""
    return _like(_acos(x), x)  # (10)


def atan(x):
    """Return the angle whose tangent is x."""
    return _like(_atan(x), x)  # (11)


def asinh(x):
    """Return the number whose hyperbolic sine is x."""
    return _like(_asinh(x), x)  # (12)


def acosh(x):
    """Return the number whose hyperbolic cosine is x."""
    return _like(_acosh(x), x)  # (13)


def atanh(x):
    """Return the number whose hyperbolic tangent is x."""
    return _like(_atanh(x), x)  # (14)


def _like(y, x):
    """Return what was made of an array element by element in x's dtype."""
    return y.astype(x.dtype) if isinstance(y, np.ndarray) else y


def _is_plain(x):
    return type(x) is np.ndarray and x.dtype.kind == "f"


def _of_each(function, x):
    """Return a function of each number; a ufunc of Python's would make objects."""
    y = np.fromiter(map(function, x.ravel().tolist()), np.float64, x.size)
    return y.reshape(x.shape).astype(x.dtype)
