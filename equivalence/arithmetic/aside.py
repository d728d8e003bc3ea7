"""Numbers that every operation rounds aside: what one honest implementation would return.

A ball holds all honest results; these are the results of one.  Each operation's result is off
its exact value by a share, from -1 to 1, of what the rounding model allows that operation: u of
it (L1, L2), a library function's row of the table of errors, of sums and matmuls what L4 and L5
have.  It is exact where IEEE 754 is: a float of floats, what is added to 0, a factor that is a
power of 2, sums of whole numbers.

The reference code over these is a witness: two honest results may be that far apart, so that
no enclosure that is sound by the same model is narrower.
"""

import numpy as np

from equivalence.arithmetic import special
from equivalence.arithmetic.dispatch import DispatchedArray
from equivalence.arithmetic.precisions import precision_of


class Roundings:
    """The shares of all roundings of a run of many samples, in the order of its operations.

    model: the rounding model.
    samples: how many runs there are at once, along the first axis of every array.
    shares: (samples, places), of each rounding of one sample; fewer places, and none, are 0.
    first: the place of the first of them.
    places: how many were met so far.
    """

    def __init__(self, model, samples, shares=None, first=0):
        self.model, self.format = model, precision_of(model.dtype).dtype
        self.samples, self.shares, self.first = samples, shares, first
        self.places = 0

    def array(self, values):
        """Return recorded floats, (samples, ...), as numbers that were not rounded yet."""
        return Aside(np.asarray(values, np.float64), self)

    def next(self, shape):
        """Return the shares of the next result of this shape; None where all are 0."""
        if len(shape) < 1 or shape[0] != self.samples:
            return None
        count = int(np.prod(shape[1:], dtype=int))
        start, self.places = self.places - self.first, self.places + count
        if self.shares is None or start >= self.shares.shape[1] or start + count <= 0:
            return None
        own = np.zeros((self.samples, count))
        here = slice(max(start, 0), start + count)
        found = self.shares[:, here]
        begun = max(-start, 0)
        own[:, begun : begun + found.shape[1]] = found
        return own.reshape(shape)

    def is_float(self, value):
        """Say which numbers are floats of the working precision."""
        with np.errstate(over="ignore", invalid="ignore"):
            return value.astype(self.format).astype(np.float64) == value


def _is_power_of_2(value):
    return np.abs(np.frexp(value)[0]) == 0.5


def _all_whole(value, axis):
    """Say along an axis whether all numbers are whole."""
    return np.all(value == np.rint(value), axis=axis, keepdims=True)


def _of(function, name=None):
    """Return the method of a function of one number, which rounds its result.

    name: in the table of errors; None is a correctly rounded operation.
    """
    return lambda self: self._rounded(function(self.value), (self,), function=name)


def _whole(function):
    """Return the method of a function of one number whose result is a whole number."""
    return lambda self: self._exactly(function(self.value))


def _compared(function):
    """Return the method of a comparison."""
    return lambda a, b: function(a.value, b.value)


class Aside(DispatchedArray):
    """An array of float64 values whose operations round as ``roundings`` says."""

    def __init__(self, value, roundings):
        self.value, self.roundings = np.asarray(value, np.float64), roundings

    def lift(self, value):
        if isinstance(value, Aside):
            return value
        return Aside(getattr(value, "yes", value), self.roundings)

    @property
    def shape(self):
        return self.value.shape

    @property
    def dtype(self):
        """The working precision, in which numbers are drawn beside these."""
        return np.dtype(self.roundings.format)

    def _moved(self, move):
        return Aside(move(self.value), self.roundings)

    def _joined(self, arrays, join):
        return Aside(join([a.value for a in arrays]), self.roundings)

    @property
    def model(self):
        return self.roundings.model

    @property
    def inner(self):
        return np.abs(self.value)

    def astype(self, dtype):
        """Return whole numbers as integers; floats as they are."""
        return self if np.dtype(dtype).kind == "f" else self.value.astype(dtype)

    def ones_like(self):
        return self._exactly(np.ones_like(self.value))

    def zeros_like(self):
        return self._exactly(np.zeros_like(self.value))

    def _exactly(self, value):
        return Aside(value, self.roundings)

    def exactly(self):
        """Return the same numbers, whose operations do not round."""
        return Aside(self.value, Roundings(self.model, self.roundings.samples))

    def moved_by(self, relative, of=None):
        """Return numbers off by a share of what one operation, a kernel, allows.

        of: the number whose kernel it is, where these were computed without rounding.
        """
        of = self if of is None else of
        shares = of.roundings.next(self.shape)
        value = self.value if shares is None else self.value * (1 + relative * shares)
        return of._exactly(value)

    def _rounded(self, value, operands, exact=False, function=None):
        """Return a result, aside of its value unless it is exact.

        function: in the table of errors; None is a correctly rounded operation.
        """
        shares = self.roundings.next(value.shape)
        if shares is None:
            return self._exactly(value)
        is_float, model = self.roundings.is_float, self.roundings.model
        known = is_float(value)
        for operand in operands:
            known = known & is_float(operand.value)
        relative = model.relative(function) if function else model.unit
        return self._exactly(np.where(known | exact, value, value * (1 + relative * shares)))

    def _summed(self, value, rounds):
        """Return a sum, aside of its value by a share of what ``rounds()`` says."""
        shares = self.roundings.next(value.shape)
        if shares is None:
            return self._exactly(value)
        return self._exactly(value + shares * rounds())

    # ---------------------------------------------------------------- arithmetic

    def add(a, b):
        return a._rounded(a.value + b.value, (a, b), (a.value == 0) | (b.value == 0))

    def subtract(a, b):
        return a._rounded(a.value - b.value, (a, b), (a.value == 0) | (b.value == 0))

    def multiply(a, b):
        exact = _is_power_of_2(a.value) | _is_power_of_2(b.value)
        return a._rounded(a.value * b.value, (a, b), exact)

    def divide(a, b):
        return a._rounded(a.value / b.value, (a, b), _is_power_of_2(b.value))

    def power(a, b):
        exact = (b.value == 1) | (b.value == 0)
        return a._rounded(a.value**b.value, (a, b), exact)

    def matmul(a, b):
        value = a.value @ b.value

        def rounds():
            terms = ((a.value != 0) * 1.0 @ (b.value != 0)).astype(int)
            magnitude = np.abs(a.value) @ np.abs(b.value)
            most = a.roundings.model.rounds_in_products(terms, magnitude, np.abs(value))
            whole = _all_whole(a.value, -1) & _all_whole(b.value, -2)
            return np.where(whole, 0, most)

        return a._summed(value, rounds)

    def negative(self):
        return self._exactly(-self.value)

    def positive(self):
        return self

    def absolute(self):
        return self._exactly(np.abs(self.value))

    def hypot(a, b):
        return a._rounded(np.hypot(a.value, b.value), (a, b))

    square, reciprocal, sqrt = _of(np.square), _of(np.reciprocal), _of(np.sqrt)
    exp, expm1, log = _of(np.exp, "exp"), _of(np.expm1, "expm1"), _of(np.log, "log")
    log1p, tanh = _of(np.log1p, "log1p"), _of(np.tanh, "tanh")
    sin, cos = _of(np.sin, "sin"), _of(np.cos, "cos")
    erfc = _of(lambda x: special.wide_erfc(x).astype(np.float64), "erfc")

    def by_library(self, row):
        value = row.function(self.value).astype(np.float64)
        return self._rounded(value, (self,), function=row.name)

    # ------------------------------------------------------------ sums and choices

    def sum(self, axis=None, keepdims=False):
        along = {"axis": axis, "keepdims": keepdims}
        value = np.sum(self.value, **along)

        def rounds():
            terms = np.sum(self.value != 0, **along)
            magnitude = np.sum(np.abs(self.value), **along)
            most = self.roundings.model.rounds_in_sum(terms, magnitude, np.abs(value))
            return np.where(np.all(self.value == np.rint(self.value), **along), 0, most)

        return self._summed(value, rounds)

    def prod(self, axis=None, keepdims=False):
        return self._exactly(np.prod(self.value, axis=axis, keepdims=keepdims))

    def max(self, axis=None, keepdims=False):
        return self._exactly(np.max(self.value, axis=axis, keepdims=keepdims))

    def maximum(a, b):
        return a._exactly(np.maximum(a.value, b.value))

    def minimum(a, b):
        return a._exactly(np.minimum(a.value, b.value))

    floor, ceil, rint, sign = _whole(np.floor), _whole(np.ceil), _whole(np.rint), _whole(np.sign)

    def floor_divide(a, b):
        return a._exactly(np.floor_divide(a.value, b.value))

    def mod(a, b):
        return a._rounded(np.mod(a.value, b.value), (a, b))

    greater, less = _compared(np.greater), _compared(np.less)
    greater_equal, less_equal = _compared(np.greater_equal), _compared(np.less_equal)
    equal, not_equal = _compared(np.equal), _compared(np.not_equal)

    def isfinite(self):
        return np.isfinite(self.value)

    @staticmethod
    def where(condition, x, y):
        yes = np.asarray(getattr(condition, "yes", condition), bool)
        return Aside(np.where(yes, x.value, y.value), x.roundings)
