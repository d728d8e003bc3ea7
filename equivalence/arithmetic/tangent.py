"""Numbers that move: a value in float64, and how fast it changes along a direction.

The reference code over these gives the derivative of what it computes, by the rules of
calculus for each operation (forward differentiation, Griewank and Walther 2008, chapter 3): no
difference is taken, so nothing is lost but float64's own rounding.  Where a maximum has two equal
numbers, or a ReLU is at 0, one of the one-sided derivatives comes out, as ``np.where`` chooses, and
``kinks`` counts that.
"""

from contextlib import contextmanager

import numpy as np

from equivalence.arithmetic import special
from equivalence.arithmetic.dispatch import DispatchedArray


class Kinks:
    """How many numbers were met at a kink: equal to what they are compared with, and parting."""

    count = 0

    def meet(self, equal, slope, other=0):
        """Take in where two numbers are equal, and their slopes."""
        self.count += int(np.count_nonzero(equal & (slope != other)))


KINKS = [Kinks()]


@contextmanager
def kinks():
    """Within, count the numbers at kinks; yield a Kinks."""
    KINKS.append(Kinks())
    try:
        yield KINKS[-1]
    finally:
        KINKS.pop()


class Tangent(DispatchedArray):
    """Values and their slopes, two float64 arrays of one shape."""

    def __init__(self, value, slope):
        self.value, self.slope = np.asarray(value, np.float64), np.asarray(slope, np.float64)

    def lift(self, value):
        """Return a number that does not move."""
        if isinstance(value, Tangent):
            return value
        value = np.asarray(value, np.float64)
        return Tangent(value, np.zeros_like(value))

    @property
    def shape(self):
        return self.value.shape

    @property
    def dtype(self):
        return self.value.dtype

    def _moved(self, move):
        return Tangent(move(self.value), move(self.slope))

    def _joined(self, arrays, join):
        return Tangent(join([a.value for a in arrays]), join([a.slope for a in arrays]))

    def astype(self, dtype):
        """Return whole numbers as integers, which do not move; floats as they are."""
        return self if np.dtype(dtype).kind == "f" else self.value.astype(dtype)

    def still(self):
        """Return the same values, as numbers that do not move."""
        return Tangent(self.value, np.zeros_like(self.slope))

    def ones_like(self):
        return Tangent(np.ones_like(self.value), np.zeros_like(self.slope))

    def zeros_like(self):
        return Tangent(np.zeros_like(self.value), np.zeros_like(self.slope))

    def _by(self, value, derivative):
        """Return a function of this number, of its value and derivative."""
        with np.errstate(invalid="ignore"):
            return Tangent(value, np.where(self.slope == 0, 0, derivative * self.slope))

    # ---------------------------------------------------------------- arithmetic

    def add(a, b):
        return Tangent(a.value + b.value, a.slope + b.slope)

    def subtract(a, b):
        return Tangent(a.value - b.value, a.slope - b.slope)

    def multiply(a, b):
        return Tangent(a.value * b.value, a.slope * b.value + a.value * b.slope)

    def divide(a, b):
        quotient = a.value / b.value
        return Tangent(quotient, (a.slope - quotient * b.slope) / b.value)

    def matmul(a, b):
        return Tangent(a.value @ b.value, a.slope @ b.value + a.value @ b.slope)

    def negative(self):
        return Tangent(-self.value, -self.slope)

    def positive(self):
        return self

    def square(self):
        return self._by(self.value * self.value, 2 * self.value)

    def reciprocal(self):
        inverse = 1 / self.value
        return self._by(inverse, -inverse * inverse)

    def sqrt(self):
        root = np.sqrt(self.value)
        return self._by(root, 0.5 / root)

    def hypot(a, b):
        return a.square().add(b.square()).sqrt()

    def power(a, b):
        value = a.value**b.value
        slope = a._by(value, b.value * a.value ** (b.value - 1)).slope
        if b.slope.any():
            slope = slope + np.where(b.slope == 0, 0, value * np.log(a.value) * b.slope)
        return Tangent(value, slope)

    # ----------------------------------------------------------------- functions

    def exp(self):
        value = np.exp(self.value)
        return self._by(value, value)

    def expm1(self):
        return self._by(np.expm1(self.value), np.exp(self.value))

    def log(self):
        return self._by(np.log(self.value), 1 / self.value)

    def log1p(self):
        return self._by(np.log1p(self.value), 1 / (1 + self.value))

    def tanh(self):
        value = np.tanh(self.value)
        return self._by(value, 1 - value * value)

    def sin(self):
        return self._by(np.sin(self.value), np.cos(self.value))

    def cos(self):
        return self._by(np.cos(self.value), -np.sin(self.value))

    def erfc(self):
        steepest = -float(special.SLOPE)
        return self._by(special.wide_erfc(self.value), steepest * np.exp(-np.square(self.value)))

    def by_library(self, row):
        """A function of ``library.LIBRARY``, by its slope."""
        return self._by(row.function(self.value).astype(np.float64), row.slope(self.value))

    # ------------------------------------------------------------ sums and choices

    def sum(self, axis=None, keepdims=False):
        along = {"axis": axis, "keepdims": keepdims}
        return Tangent(np.sum(self.value, **along), np.sum(self.slope, **along))

    def prod(self, axis=None, keepdims=False):
        along = {"axis": axis, "keepdims": keepdims}
        others = _products_of_others(self.value, axis)
        return Tangent(np.prod(self.value, **along), np.sum(others * self.slope, **along))

    def absolute(self):
        KINKS[-1].meet(self.value == 0, self.slope)
        return self._by(np.abs(self.value), np.sign(self.value))

    def sign(self):
        return self.lift(np.sign(self.value))

    def _beside(a, b):
        """Count where two are equal, and part along the direction."""
        KINKS[-1].meet(a.value == b.value, a.slope, b.slope)

    def floor(self):
        return self.lift(np.floor(self.value))

    def ceil(self):
        return self.lift(np.ceil(self.value))

    def rint(self):
        return self.lift(np.rint(self.value))

    def floor_divide(a, b):
        return a.lift(np.floor_divide(a.value, b.value))

    def mod(a, b):
        return Tangent(np.mod(a.value, b.value), a.slope - np.floor(a.value / b.value) * b.slope)

    def maximum(a, b):
        a._beside(b)
        return Tangent.where(a.value >= b.value, a, b)

    def minimum(a, b):
        a._beside(b)
        return Tangent.where(a.value <= b.value, a, b)

    def max(self, axis=None, keepdims=False):
        """The first of equal numbers counts."""
        axes = range(self.ndim) if axis is None else np.atleast_1d(axis)
        kept = [k for k in range(self.ndim) if k not in {int(a) % self.ndim for a in axes}]
        order = (*kept, *(k for k in range(self.ndim) if k not in kept))
        flat = self.transpose(order).reshape(*(self.shape[k] for k in kept), -1)
        first = np.argmax(flat.value, axis=-1)[..., None]
        place = flat._moved(lambda part: np.take_along_axis(part, first, -1))
        flat._beside(place)
        largest = place._moved(lambda part: part[..., 0])
        if not keepdims:
            return largest
        return largest.reshape(tuple(n if k in kept else 1 for k, n in enumerate(self.shape)))

    def greater(a, b):
        a._beside(b)
        return a.value > b.value

    def less(a, b):
        a._beside(b)
        return a.value < b.value

    def greater_equal(a, b):
        a._beside(b)
        return a.value >= b.value

    def less_equal(a, b):
        a._beside(b)
        return a.value <= b.value

    def equal(a, b):
        return a.value == b.value

    def not_equal(a, b):
        return a.value != b.value

    def isfinite(self):
        return np.isfinite(self.value)

    @staticmethod
    def where(condition, x, y):
        yes = np.asarray(getattr(condition, "yes", condition), bool)
        return Tangent(np.where(yes, x.value, y.value), np.where(yes, x.slope, y.slope))


def _products_of_others(value, axis):
    """Return for each number the product of all others along some axes, also where it is 0."""
    axes = range(value.ndim) if axis is None else np.atleast_1d(axis)
    last = [int(a) % value.ndim for a in axes]
    order = [*(k for k in range(value.ndim) if k not in last), *last]
    moved = np.transpose(value, order)
    line = moved.reshape(*moved.shape[: value.ndim - len(last)], -1)
    one = np.ones_like(line[..., :1])
    before = np.cumprod(np.concatenate([one, line[..., :-1]], axis=-1), axis=-1)
    behind = np.cumprod(np.concatenate([one, line[..., :0:-1]], axis=-1), axis=-1)[..., ::-1]
    return np.transpose((before * behind).reshape(moved.shape), np.argsort(order))


def turning(y, x):
    """The angle of a point (x, y), and how fast it turns."""
    moving = next((each for each in (y, x) if isinstance(each, Tangent)), None)
    if moving is None:
        return np.arctan2(y, x)
    y, x = moving.lift(y), moving.lift(x)
    turn = x.value * y.slope - y.value * x.slope
    still = (y.slope == 0) & (x.slope == 0)
    far = np.where(still, 1, np.square(x.value) + np.square(y.value))
    return Tangent(np.arctan2(y.value, x.value), np.where(still, 0, turn / far))
