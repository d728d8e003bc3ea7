"""Balls of any honest way of writing a formula (L17): terms in another order, otherwise grouped.

``m + (g - m)(1 - b)`` and ``b m + (1 - b) g`` are one formula to whoever writes it.  Here an
operation owns not what it rounds of its result, but ``REGROUPINGS`` roundings of the magnitudes
of its terms: that holds every distribution of a factor over the terms of a sum, and back.
"""

import math

import numpy as np

from equivalence.arithmetic.bounds import largest_ulp
from equivalence.arithmetic.decision import Decision, Undecided
from equivalence.arithmetic.dispatch import DispatchedArray

# How many roundings one operation of the reference may be done by, its own float64 among them.
REGROUPINGS = 4

_erfc = np.frompyfunc(math.erfc, 1, 1)


def unit_of(dtype):
    """Return u, half the distance from 1 to the next float."""
    return float(np.finfo(dtype).eps) / 2


def regrouped(values, dtype):
    """Return floats as balls of a working precision."""
    return RegroupingArray(np.asarray(values, np.float64), 0.0, dtype)


def moving_mean(old, new, keep):
    """Return keep old + (1 - keep) new, however it is grouped.

    Written old + (new - old)(1 - keep) it rounds by the magnitude of old, and what old carries
    counts keep times, as it does in exact arithmetic.
    """
    mean = keep * old + (1 - keep) * new
    if not isinstance(mean, RegroupingArray):
        return mean
    old, new = mean.lift(old), mean.lift(new)
    lost = REGROUPINGS * mean.unit * (np.abs(old.mid) + np.abs(new.mid))
    rad = keep * old.rad + (1 - keep) * new.rad + lost + mean.unit * np.abs(mean.mid)
    return mean._of(mean.mid, rad)


class RegroupingArray(DispatchedArray):
    """Balls with a float64 midpoint and radius; ``dtype`` is the precision that rounds."""

    def __init__(self, mid, rad, dtype):
        self.mid = np.asarray(mid, np.float64)
        rad = np.asarray(rad, np.float64)
        self.rad = np.where(np.isnan(rad) | ~np.isfinite(self.mid), np.inf, rad)
        if self.rad.shape != self.mid.shape:
            self.mid, self.rad = np.broadcast_arrays(self.mid, self.rad)
        self.dtype = np.dtype(dtype)

    def lift(self, value):
        if isinstance(value, RegroupingArray):
            return value
        if isinstance(value, Decision):
            return self._of(value.yes, np.where(value.known, 0, 1))
        return self._of(value, 0.0)

    def _of(self, mid, rad):
        return type(self)(mid, rad, self.dtype)

    @property
    def unit(self):
        return unit_of(self.dtype)

    @property
    def shape(self):
        return self.mid.shape

    def _moved(self, move):
        return self._of(move(self.mid), move(self.rad))

    def _joined(self, arrays, join):
        return self._of(join([a.mid for a in arrays]), join([a.rad for a in arrays]))

    def astype(self, dtype):
        """Return whole numbers as integers of NumPy; raise ValueError for others."""
        if self.rad.any() or (self.mid != np.rint(self.mid)).any():
            raise Undecided("a number that is used as an index is not known to be whole")
        return self.mid.astype(dtype)

    def ones_like(self):
        return self._of(np.ones(self.shape), 0.0)

    def zeros_like(self):
        return self._of(np.zeros(self.shape), 0.0)

    @property
    def size_of(self):
        """The largest magnitude in each ball."""
        return np.abs(self.mid) + self.rad

    def rounded(self, mid, carried, magnitude, times=1):
        """Return balls that own ``times`` operations on terms of this magnitude."""
        n = REGROUPINGS * times * self.unit
        lost = n / (1 - n) * magnitude if n < 1 else np.inf
        return self._of(mid, carried + lost)

    # ------------------------------------------------------------------------ arithmetic

    def add(a, b):
        return a.rounded(a.mid + b.mid, a.rad + b.rad, a.size_of + b.size_of)

    def subtract(a, b):
        return a.rounded(a.mid - b.mid, a.rad + b.rad, a.size_of + b.size_of)

    def multiply(a, b):
        carried = a.rad * b.size_of + np.abs(a.mid) * b.rad
        return a.rounded(a.mid * b.mid, carried, np.abs(a.mid * b.mid))

    def divide(a, b):
        least = np.abs(b.mid) - b.rad
        mid = a.mid / b.mid
        carried = np.where(least > 0, (a.rad + np.abs(mid) * b.rad) / least, np.inf)
        return a.rounded(mid, carried, np.abs(mid))

    def power(a, b):
        mid = a.mid**b.mid
        ends = [(a.mid + s * a.rad) ** (b.mid + t * b.rad) for s in (-1, 0, 1) for t in (-1, 0, 1)]
        carried = np.max([np.abs(end - mid) for end in np.broadcast_arrays(*ends)], axis=0)
        return a._library(mid, carried, "power")

    def matmul(a, b):
        carried = a.rad @ b.size_of + np.abs(a.mid) @ b.rad
        magnitude = np.abs(a.mid) @ np.abs(b.mid)
        return a.rounded(a.mid @ b.mid, carried, magnitude, a.shape[-1] + 1)

    def negative(self):
        return self._of(-self.mid, self.rad)

    def positive(self):
        return self

    def absolute(self):
        return self._of(np.abs(self.mid), self.rad)

    def square(self):
        return self.multiply(self)

    def reciprocal(self):
        return self.lift(1.0).divide(self)

    def sum(self, axis=None, keepdims=False):
        along = {"axis": axis, "keepdims": keepdims}
        mid = np.sum(self.mid, **along)
        terms = max(self.mid.size // max(mid.size, 1), 1)
        magnitude = np.sum(np.abs(self.mid), **along)
        return self.rounded(mid, np.sum(self.rad, **along), magnitude, terms)

    def prod(self, axis=None, keepdims=False):
        along = {"axis": axis, "keepdims": keepdims}
        mid = np.prod(self.mid, **along)
        terms = max(self.mid.size // max(mid.size, 1), 1)
        size = np.prod(self.size_of, **along)
        return self.rounded(mid, size - np.abs(mid), np.abs(mid), terms)

    # ------------------------------------------------------------------ library functions

    def _library(self, mid, carried, function):
        relative = 2 * largest_ulp(function, ("numpy",), self.dtype.name) * self.unit
        return self._of(mid, carried + (2 * relative + self.unit) * np.abs(mid))

    def _monotone(self, function, name):
        mid = function(self.mid)
        ends = function(self.mid + self.rad), function(self.mid - self.rad)
        carried = np.maximum(np.abs(ends[0] - mid), np.abs(ends[1] - mid))
        return self._library(mid, carried, name)

    def sqrt(self):
        mid, low = np.sqrt(self.mid), np.sqrt(np.maximum(self.mid - self.rad, 0))
        carried = np.maximum(np.sqrt(self.mid + self.rad) - mid, mid - low)
        return self.rounded(mid, carried, mid)

    def hypot(a, b):
        return (a.square() + b.square()).sqrt()

    def exp(self):
        return self._monotone(np.exp, "exp")

    def log(self):
        return self._monotone(np.log, "log")

    def expm1(self):
        return self._monotone(np.expm1, "expm1")

    def log1p(self):
        return self._monotone(np.log1p, "log1p")

    def tanh(self):
        return self._monotone(np.tanh, "tanh")

    def erfc(self):
        """By erfc, or as 1 - erf: both terms are at most 2, and its slope is below 1.2."""
        mid = np.asarray(_erfc(self.mid), np.float64)
        return self.rounded(mid, 1.2 * self.rad, 1 + np.abs(mid))

    def cos(self):
        return self._of(np.cos(self.mid), self.rad + REGROUPINGS * self.unit)

    def sin(self):
        return self._of(np.sin(self.mid), self.rad + REGROUPINGS * self.unit)

    def _to_whole(self, step):
        low, mid, high = step(self.mid - self.rad), step(self.mid), step(self.mid + self.rad)
        return self._of(mid, np.maximum(high - mid, mid - low))

    def floor(self):
        return self._to_whole(np.floor)

    def ceil(self):
        return self._to_whole(np.ceil)

    def rint(self):
        return self._to_whole(np.rint)

    def floor_divide(a, b):
        return (
            a.divide(b)._to_whole(np.floor)
            if (a.rad.any() or b.rad.any())
            else a._of(a.mid // b.mid, 0.0)
        )

    def mod(a, b):
        return a.subtract(b.multiply(a.floor_divide(b)))

    # ------------------------------------------------------------- comparisons and choices

    def maximum(a, b):
        rad = np.maximum(a.rad, b.rad)
        below, above = a.mid + a.rad < b.mid - b.rad, a.mid - a.rad > b.mid + b.rad
        return a._of(np.maximum(a.mid, b.mid), np.where(below, b.rad, np.where(above, a.rad, rad)))

    def minimum(a, b):
        return (a.negative()).maximum(b.negative()).negative()

    def max(self, axis=None, keepdims=False):
        along = {"axis": axis, "keepdims": keepdims}
        return self._of(np.max(self.mid, **along), np.max(self.rad, **along))

    def sign(self):
        known = (np.abs(self.mid) > self.rad) | (self.rad == 0)
        return self._of(np.sign(self.mid), np.where(known, 0, 2))

    def greater(a, b):
        known = np.abs(a.mid - b.mid) > a.rad + b.rad
        return Decision(a.mid > b.mid, known | (a.rad + b.rad == 0))

    def less(a, b):
        return b.greater(a)

    def greater_equal(a, b):
        return ~a.less(b)

    def less_equal(a, b):
        return ~a.greater(b)

    def equal(a, b):
        known = np.abs(a.mid - b.mid) > a.rad + b.rad
        return Decision(a.mid == b.mid, known | (a.rad + b.rad == 0))

    def not_equal(a, b):
        return ~a.equal(b)

    def isfinite(self):
        return Decision(np.isfinite(self.mid), np.isfinite(self.rad))

    @staticmethod
    def where(condition, x, y):
        condition = Decision.of(condition)
        mid = np.where(condition.yes, x.mid, y.mid)
        rad = np.where(condition.yes, x.rad, y.rad)
        both = np.maximum(x.rad, y.rad) + np.abs(x.mid - y.mid)
        return RegroupingArray(mid, np.where(condition.known, rad, both), x.dtype)
