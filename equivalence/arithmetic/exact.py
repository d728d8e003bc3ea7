"""Exact balls: the reference code over ``flint.arb``, to as many bits as asked.

Each element is an interval of arbitrary precision that provably contains the
real number that the formula defines.  At 256 bits its radius is some 2^-240 of
its midpoint: to every float format it is the true value.
"""

from contextlib import contextmanager

import numpy as np
from flint import arb, ctx

from equivalence.arithmetic.decision import Decision
from equivalence.arithmetic.dispatch import DispatchedArray

UNKNOWN = arb(0, "inf")


# The format of what is drawn at random beside exact numbers; ``precision`` sets it.
_drawn = ["float64"]


@contextmanager
def precision(bits, drawn="float64"):
    """Compute with ``bits`` bits inside the block.

    drawn: the precision of the run whose true values these are: a generator of random
        numbers makes other ones of the same bits in float32 and in float64.
    """
    before, ctx.prec = ctx.prec, bits
    _drawn.append(drawn)
    try:
        yield
    finally:
        ctx.prec = before
        _drawn.pop()


def _number(value):
    return value if isinstance(value, arb) else arb(float(value))


_lift = np.frompyfunc(_number, 1, 1)
_exp = np.frompyfunc(arb.exp, 1, 1)
_log = np.frompyfunc(arb.log, 1, 1)
_expm1 = np.frompyfunc(arb.expm1, 1, 1)
_log1p = np.frompyfunc(arb.log1p, 1, 1)
_erfc = np.frompyfunc(arb.erfc, 1, 1)
_tanh = np.frompyfunc(arb.tanh, 1, 1)
_cos = np.frompyfunc(arb.cos, 1, 1)
_sin = np.frompyfunc(arb.sin, 1, 1)
_floor = np.frompyfunc(arb.floor, 1, 1)
_is_finite = np.frompyfunc(arb.is_finite, 1, 1)
_sqrt = np.frompyfunc(arb.sqrt, 1, 1)
_abs = np.frompyfunc(abs, 1, 1)
_max = np.frompyfunc(arb.max, 2, 1)
_min = np.frompyfunc(arb.min, 2, 1)
_sign = np.frompyfunc(lambda x: arb(0) if x == 0 else x.sgn(), 1, 1)
_greater = np.frompyfunc(lambda a, b: a > b, 2, 1)
_not_greater = np.frompyfunc(lambda a, b: a <= b, 2, 1)
_equal = np.frompyfunc(lambda a, b: a == b, 2, 1)  # both are one and the same number
_unequal = np.frompyfunc(lambda a, b: a != b, 2, 1)  # nothing lies in both


def _nearest_whole(x):
    """Return the nearest whole number, of two the even one."""
    above = (x + 0.5).floor()
    is_tie = (x + 0.5).is_integer() and not (above / 2).is_integer()
    return above - 1 if is_tie else above


_rint = np.frompyfunc(_nearest_whole, 1, 1)


class ExactArray(DispatchedArray):
    """An array of real numbers, each in an ``arb`` ball.

    Built from floats, integers or arb balls; a float stands for its exact value.
    ``to_float()`` rounds to the nearest float64.
    """

    def __init__(self, values):
        self.values = np.asarray(_lift(np.asarray(values)), dtype=object)

    def lift(self, value):
        if isinstance(value, Decision):
            return ExactArray.where(value, ExactArray(1), ExactArray(0))
        return value if isinstance(value, ExactArray) else ExactArray(value)

    @property
    def shape(self):
        return self.values.shape

    @property
    def dtype(self):
        """The format of what is drawn at random beside exact numbers."""
        return np.dtype(_drawn[-1])

    def _moved(self, move):
        return ExactArray(move(self.values))

    def _joined(self, arrays, join):
        return ExactArray(join([array.values for array in arrays]))

    def astype(self, dtype):
        """Return whole numbers as integers of NumPy; raise ValueError for others."""
        if not all(x.is_integer() for x in self.values.ravel()):
            raise ValueError("a number that is used as an index is not known to be whole")
        return np.asarray([int(x.unique_fmpz()) for x in self.values.ravel()], dtype).reshape(
            self.shape
        )

    def to_float(self):
        """Return the midpoints as float64, and NaN where nothing is known."""
        known = np.frompyfunc(lambda x: float(x.mid()) if x.is_finite() else np.nan, 1, 1)
        return np.asarray(known(self.values), dtype=np.float64)

    def ones_like(self):
        return ExactArray(np.ones(self.shape))

    def zeros_like(self):
        return ExactArray(np.zeros(self.shape))

    def add(a, b):
        return ExactArray(a.values + b.values)

    def subtract(a, b):
        return ExactArray(a.values - b.values)

    def multiply(a, b):
        return ExactArray(a.values * b.values)

    def divide(a, b):
        return ExactArray(a.values / b.values)

    def power(a, b):
        return ExactArray(a.values**b.values)

    def matmul(a, b):
        return ExactArray(a.values @ b.values)

    def negative(self):
        return ExactArray(-self.values)

    def positive(self):
        return self

    def absolute(self):
        return ExactArray(_abs(self.values))

    def square(self):
        return ExactArray(self.values * self.values)

    def sqrt(self):
        return ExactArray(_sqrt(self.values))

    def hypot(a, b):
        return ExactArray(_sqrt(a.values * a.values + b.values * b.values))

    def reciprocal(self):
        return ExactArray(1 / self.values)

    def exp(self):
        return ExactArray(_exp(self.values))

    def log(self):
        return ExactArray(_log(self.values))

    def expm1(self):
        return ExactArray(_expm1(self.values))

    def log1p(self):
        return ExactArray(_log1p(self.values))

    def erfc(self):
        return ExactArray(_erfc(self.values))

    def by_library(self, row):
        """A function of ``library.LIBRARY``."""
        return ExactArray(np.frompyfunc(row.exact, 1, 1)(self.values))

    def tanh(self):
        return ExactArray(_tanh(self.values))

    def cos(self):
        return ExactArray(_cos(self.values))

    def sin(self):
        return ExactArray(_sin(self.values))

    def floor(self):
        return ExactArray(_floor(self.values))

    def rint(self):
        return ExactArray(_rint(self.values))

    def floor_divide(a, b):
        return ExactArray(_floor(a.values / b.values))

    def ceil(self):
        return self.negative().floor().negative()

    def mod(a, b):
        return ExactArray(a.values - b.values * _floor(a.values / b.values))

    def sum(self, axis=None, keepdims=False):
        return ExactArray(np.sum(self.values, axis=axis, keepdims=keepdims))

    def prod(self, axis=None, keepdims=False):
        return ExactArray(np.prod(self.values, axis=axis, keepdims=keepdims))

    def max(self, axis=None, keepdims=False):
        axes = range(self.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        values = self.values
        for one in axes:
            values = _max.reduce(values, axis=one, keepdims=True)
        return ExactArray(values if keepdims else np.squeeze(values, axis=tuple(axes)))

    def maximum(a, b):
        return ExactArray(_max(a.values, b.values))

    def minimum(a, b):
        return ExactArray(_min(a.values, b.values))

    def sign(self):
        return ExactArray(_sign(self.values))

    def greater(a, b):
        yes = np.asarray(_greater(a.values, b.values), dtype=bool)
        no = np.asarray(_not_greater(a.values, b.values), dtype=bool)
        return Decision(yes, yes | no)

    def less(a, b):
        return ExactArray.greater(b, a)

    def greater_equal(a, b):
        return ~ExactArray.less(a, b)

    def less_equal(a, b):
        return ~ExactArray.greater(a, b)

    def equal(a, b):
        yes = np.asarray(_equal(a.values, b.values), dtype=bool)
        no = np.asarray(_unequal(a.values, b.values), dtype=bool)
        return Decision(yes, yes | no)

    def not_equal(a, b):
        return ~ExactArray.equal(a, b)

    def isfinite(self):
        known = np.asarray(_is_finite(self.values), dtype=bool)
        return Decision(np.ones(self.shape, bool), known)

    @staticmethod
    def where(condition, x, y):
        if not isinstance(condition, Decision):
            condition = Decision(condition, np.ones_like(condition, dtype=bool))
        values = np.where(condition.yes, x.values, y.values)
        return ExactArray(np.where(condition.known, values, UNKNOWN))
