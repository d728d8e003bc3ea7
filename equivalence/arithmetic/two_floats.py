"""Arrays of unevaluated sums of two floats, where no wider format than float64 is at hand.

A number is hi + lo, two float64 of which hi is the nearest to the sum: twice the bits of a
float64 in its range of exponents (Dekker 1971; Joldes, Muller and Popescu 2017, "Tight and
rigorous error bounds for basic building blocks of double-word arithmetic", ACM TOMS 44(2)).
The class answers NumPy's operators, ufuncs and functions as far as the midpoints of balls
use them, and no others: nothing falls back to float64 unseen.

**Errors** (L9'' in ``docs/design.md`` has the proofs).  In the range, with |x y|, |x / y| at
least 2^-900: a sum 3 * 2^-106 of itself; a product, a quotient, a root 2^-74; a library
function 2^-66 (``two_floats_functions``).  Below, an absolute error of 2^-1072 comes on top,
as float64 underflows gradually.  ``UNIT`` is the format's, of which a ball owns ten for each
operation.
"""

import math
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from equivalence.arithmetic.error_free import fast_two_sum, split, total, two_sum

UNIT = 2.0**-68
# Below it, remainders of a quotient or a root may underflow; they are scaled by a power of 2.
SMALL, SCALE = 2.0**-900, 2.0**200

# A ufunc, or a function of NumPy, -> what answers it; also filled by ``answers`` elsewhere.
ANSWERS: dict[Any, Any] = {}

# Functions that only move numbers to other places.
MOVES = frozenset(
    {
        np.broadcast_to, np.copy, np.delete, np.diag, np.diagflat, np.diagonal, np.expand_dims,
        np.flip, np.fliplr, np.flipud, np.linalg.diagonal, np.linalg.matrix_transpose,
        np.matrix_transpose, np.moveaxis, np.ravel, np.repeat, np.reshape, np.resize, np.roll,
        np.rollaxis, np.rot90, np.squeeze, np.swapaxes, np.take, np.take_along_axis, np.tile,
        np.transpose, np.tril, np.triu,
    }
)  # fmt: skip
# The same with a sequence of arrays.
JOINS = frozenset({np.concatenate, np.hstack, np.stack, np.vstack})


def answers(function):
    """Mark a function as the answer to one of NumPy's."""

    def mark(answer):
        ANSWERS[function] = answer
        return answer

    return mark


class TwoFloats(NDArrayOperatorsMixin):
    """An array of numbers hi + lo; ``lo`` is None where all are floats.

    hi, lo: float64 arrays of one shape, hi the float64 nearest to hi + lo.
    """

    def __init__(self, hi, lo=None):
        self.hi = np.asarray(hi)
        self.lo = lo if lo is None else np.asarray(lo)

    @classmethod
    def of(cls, values):
        """Return numbers of any format as TwoFloats: float64, longdouble, integers, booleans."""
        if isinstance(values, TwoFloats):
            return values
        values = np.asarray(values)
        if values.dtype.kind in "iu" and values.dtype.itemsize > 4:
            upper = values >> 32
            lower = (values - (upper << 32)).astype(np.float64)
            return cls(*fast_two_sum(upper.astype(np.float64) * 2.0**32, lower))
        hi = values.astype(np.float64)
        if values.dtype.kind != "f" or values.dtype.itemsize <= 8:
            return cls(hi)
        with np.errstate(invalid="ignore"):
            lo = (values - hi).astype(np.float64)
        return cls(hi, np.where(np.isfinite(hi), lo, 0))

    # ------------------------------------------------------------- the frame

    @property
    def low(self):
        """lo, also where it is 0 throughout."""
        return np.zeros_like(self.hi) if self.lo is None else self.lo

    @property
    def dtype(self):
        """The format of the parts."""
        return self.hi.dtype

    @property
    def shape(self):
        return self.hi.shape

    @property
    def ndim(self):
        return self.hi.ndim

    @property
    def size(self):
        return self.hi.size

    @property
    def flat(self):
        return self.reshape(-1)

    @property
    def T(self):
        return self.moved(np.transpose)

    def moved(self, move):
        """Return the same numbers in other places."""
        return TwoFloats(move(self.hi), None if self.lo is None else move(self.lo))

    def __getitem__(self, key):
        return self.moved(lambda part: part[key])

    def __len__(self):
        return len(self.hi)

    def transpose(self, *axes):
        return self.moved(lambda part: part.transpose(*axes))

    def reshape(self, *shape, order="C"):
        return self.moved(lambda part: part.reshape(*shape, order=order))

    def max(self, axis=None, keepdims=False):
        return largest(self, axis, keepdims)

    def astype(self, dtype, copy=True):
        """Return the numbers in a format of NumPy's: in float64 the nearest."""
        dtype = np.dtype(dtype)
        if dtype == np.float64 or (dtype.kind == "f" and dtype.itemsize < 8):
            return self.hi.astype(dtype)
        return self.hi.astype(dtype) + self.low.astype(dtype)

    def __float__(self):
        return float(self.hi)

    def __bool__(self):
        return bool(self.hi)

    def __repr__(self):
        return f"TwoFloats({self.hi!r}, {self.lo!r})"

    def __array__(self, dtype=None, copy=None):
        raise TypeError("two floats are no array of NumPy's: ask for .hi or .astype(...)")

    # Operators without the detour by way of NumPy, which costs as much as a small operation.

    def __add__(self, other):
        return plus(self, other)

    __radd__ = __add__

    def __sub__(self, other):
        return plus(self, -other)

    def __rsub__(self, other):
        return plus(-self, other)

    def __mul__(self, other):
        return times(self, other)

    __rmul__ = __mul__

    def __truediv__(self, other):
        return over(self, other)

    def __rtruediv__(self, other):
        return over(other, self)

    def __neg__(self):
        return TwoFloats(-self.hi, None if self.lo is None else -self.lo)

    def __abs__(self):
        return magnitude(self)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        answer = ANSWERS.get(ufunc)
        if answer is None or method != "__call__" or kwargs:
            return NotImplemented
        return answer(*inputs)

    def __array_function__(self, function, types, args, kwargs):
        if function in MOVES:
            return args[0].moved(lambda part: function(part, *args[1:], **kwargs))
        if function in JOINS:
            parts = [TwoFloats.of(x) for x in args[0]]
            join = lambda arrays: function(arrays, *args[1:], **kwargs)
            return TwoFloats(join([x.hi for x in parts]), join([x.low for x in parts]))
        answer = ANSWERS.get(function)
        return NotImplemented if answer is None else answer(*args, **kwargs)


def parts(x):
    """Return (hi, lo) of TwoFloats or of plain numbers, lo None where there is none."""
    if isinstance(x, TwoFloats):
        return x.hi, x.lo
    if isinstance(x, float) or (type(x) is np.ndarray and x.dtype == np.float64):
        return x, None
    x = TwoFloats.of(x)
    return x.hi, x.lo


def narrowed(x):
    """Return what is nearest in the format of radii: within 2^-53 of TwoFloats, others as is."""
    return x.hi if isinstance(x, TwoFloats) else x


def size_of(x):
    """Return |x| so rounded."""
    return np.abs(narrowed(x))


def sums_exactly(a, b, total):
    """Say where ``total`` is a + b without rounding: of two floats always (``two_sum``)."""
    if isinstance(total, TwoFloats):
        (_, a_lo), (_, b_lo) = parts(a), parts(b)
        return _is_zero(a_lo) & _is_zero(b_lo)
    return (total - a == b) & (total - b == a)


def _is_zero(lo):
    return np.True_ if lo is None else lo == 0


def is_power_of_two(x):
    """Say whether ``x`` is a single number that scales floats without rounding them."""
    return isinstance(x, (int, float)) and abs(math.frexp(x)[0]) == 0.5


def settled(hi, lo, plain):
    """Return TwoFloats(hi, lo); what the operation gives in float64 where that is no number.

    Where the parts overflowed and the operation itself does not quite, NaN: unbounded.
    """
    fits = np.isfinite(hi)
    if not fits.all():
        with np.errstate(all="ignore"):
            plain = plain()
            hi = np.where(fits, hi, np.where(np.isfinite(plain), np.nan, plain))
        lo = np.where(fits, lo, 0)
    return TwoFloats(hi, lo)


# ---------------------------------------------------------- basic operations


@answers(np.add)
def plus(a, b):
    """AccurateDWPlusDW, and DWPlusFP where one has no low part (Joldes et al., alg. 6 and 4)."""
    (a_hi, a_lo), (b_hi, b_lo) = parts(a), parts(b)
    s, e = two_sum(a_hi, b_hi)
    if a_lo is not None and b_lo is not None:
        t, f = two_sum(a_lo, b_lo)
        hi, lo = fast_two_sum(s, e + t)
        hi, lo = fast_two_sum(hi, f + lo)
    elif a_lo is None and b_lo is None:
        hi, lo = s, e
    else:
        hi, lo = fast_two_sum(s, e + (b_lo if a_lo is None else a_lo))
    return settled(hi, lo, lambda: a_hi + b_hi)


@answers(np.subtract)
def minus(a, b):
    return plus(a, np.negative(b))


@answers(np.multiply)
def times(a, b):
    """The product of the heads is a float; what remains is at most 2^-24 of it, and rounded."""
    if is_power_of_two(b):
        a, b = b, a
    if is_power_of_two(a):
        return b.moved(lambda part: part * a)
    a_hi, a_lo = parts(a)
    b_hi, b_lo = (a_hi, a_lo) if b is a else parts(b)
    (a_head, a_tail), (b_head, b_tail) = _cut(a_hi, a_lo), _cut(b_hi, b_lo)
    hi, lo = fast_two_sum(a_head * b_head, a_head * b_tail + a_tail * b_hi)
    return settled(hi, lo, lambda: a_hi * b_hi)


def head_and_tail(x):
    """Return the upper 26 bits of every number, and the rest as one float64."""
    return _cut(*parts(x))


def _cut(hi, lo):
    """Return a head of 26 bits and the rest, rounded."""
    head, tail = split(hi)
    return head, tail if lo is None else tail + lo


@answers(np.divide)
def over(a, b):
    """A quotient of float64, and what the remainder adds to it."""
    if is_power_of_two(b):
        return a.moved(lambda part: part / b)
    (a_hi, a_lo), (b_hi, b_lo) = parts(a), parts(b)
    small = (np.abs(a_hi) < SMALL) & (a_hi != 0)
    if small.any():
        scale = np.where(small, SCALE, 1)
        scaled = TwoFloats(a_hi * scale, None if a_lo is None else a_lo * scale)
        return (over(scaled, b)).moved(lambda part: part / scale)
    quotient = a_hi / b_hi
    (head, tail), (b_head, b_tail) = split(quotient), _cut(b_hi, b_lo)
    rest = ((a_hi - head * b_head) - head * b_tail) - tail * b_hi
    rest = rest if a_lo is None else rest + a_lo
    hi, lo = fast_two_sum(quotient, rest / b_hi)
    return settled(hi, lo, lambda: quotient)


@answers(np.sqrt)
def root(x):
    hi, lo = parts(x)
    small = (hi < SMALL) & (hi > 0)
    if small.any():
        scale = np.where(small, SCALE, 1)
        scaled = TwoFloats(hi * scale, None if lo is None else lo * scale)
        return root(scaled).moved(lambda part: part / np.sqrt(scale))
    s = np.sqrt(hi)
    head, tail = split(s)
    rest = ((hi - head * head) - 2 * head * tail) - tail * tail
    rest = rest if lo is None else rest + lo
    above, below = fast_two_sum(s, rest / (2 * np.where(s == 0, 1, s)))
    return settled(above, below, lambda: s)


@answers(np.square)
def squared(x):
    return times(x, x)


@answers(np.negative)
def opposite(x):
    return -x


@answers(np.positive)
def same(x):
    return x


@answers(np.absolute)
def magnitude(x):
    if x.lo is None:
        return TwoFloats(np.abs(x.hi))
    return TwoFloats(np.abs(x.hi), np.where(np.signbit(x.hi), -x.lo, x.lo))


@answers(np.sum)
def summed(x, axis=None, keepdims=False):
    axes = range(x.ndim) if axis is None else np.atleast_1d(axis)
    axes = sorted(a % x.ndim for a in axes)
    shape = tuple(1 if a in axes else n for a, n in enumerate(x.shape))

    def first(part):
        part = np.moveaxis(part, axes, range(len(axes)))
        return part.reshape(-1, *part.shape[len(axes) :])

    s, error = total(first(x.hi), 0)
    if x.lo is not None:
        error = error + first(x.lo).sum(axis=0)
    result = settled(*fast_two_sum(s, error), lambda: s)
    return result.reshape(shape) if keepdims else result


# ----------------------------------------------------------- comparisons, choices


def _in_order(above, below):
    """Return a comparison by the high parts, and where they are equal by the low ones."""

    def compare(a, b):
        (a_hi, a_lo), (b_hi, b_lo) = parts(a), parts(b)
        if a_lo is None and b_lo is None:
            return below(a_hi, b_hi)
        a_lo, b_lo = (0.0 if lo is None else lo for lo in (a_lo, b_lo))
        return above(a_hi, b_hi) | ((a_hi == b_hi) & below(a_lo, b_lo))

    return compare


greater = answers(np.greater)(_in_order(np.greater, np.greater))
less = answers(np.less)(_in_order(np.less, np.less))
at_least = answers(np.greater_equal)(_in_order(np.greater, np.greater_equal))
at_most = answers(np.less_equal)(_in_order(np.less, np.less_equal))


@answers(np.equal)
def equal(a, b):
    (a_hi, a_lo), (b_hi, b_lo) = parts(a), parts(b)
    same = a_hi == b_hi
    if a_lo is None and b_lo is None:
        return same
    return same & ((0.0 if a_lo is None else a_lo) == (0.0 if b_lo is None else b_lo))


@answers(np.not_equal)
def unequal(a, b):
    return ~equal(a, b)


@answers(np.where)
def chosen(condition, x, y):
    (x_hi, x_lo), (y_hi, y_lo) = parts(x), parts(y)
    hi = np.where(condition, x_hi, y_hi)
    if x_lo is None and y_lo is None:
        return TwoFloats(hi)
    x_lo, y_lo = (0.0 if lo is None else lo for lo in (x_lo, y_lo))
    return TwoFloats(hi, np.broadcast_to(np.where(condition, x_lo, y_lo), hi.shape))


@answers(np.maximum)
def maximum(a, b):
    """Return the larger; NaN where one of them is."""
    return chosen(greater(a, b) | np.isnan(parts(a)[0]), a, b)


@answers(np.minimum)
def minimum(a, b):
    return chosen(less(a, b) | np.isnan(parts(a)[0]), a, b)


@answers(np.max)
def largest(x, axis=None, keepdims=False):
    hi = np.max(x.hi, axis=axis, keepdims=True)
    low = np.where(x.hi == hi, x.low, -np.inf)
    lo = np.max(low, axis=axis, keepdims=True)
    result = TwoFloats(hi, np.where(np.isfinite(lo), lo, 0))
    if keepdims:
        return result
    axes = tuple(range(x.ndim)) if axis is None else axis
    return result.moved(lambda part: np.squeeze(part, axis=axes))


@answers(np.min)
def smallest(x, axis=None, keepdims=False):
    """Return the smallest number along an axis."""
    return -largest(-x, axis, keepdims)


@answers(np.sign)
def sign(x):
    return np.sign(x.hi)


@answers(np.isfinite)
def is_finite(x):
    return np.isfinite(x.hi)


@answers(np.isinf)
def is_infinite(x):
    return np.isinf(x.hi)


@answers(np.isnan)
def is_nan(x):
    return np.isnan(x.hi)


@answers(np.zeros_like)
def zeros_like(x, **kwargs):
    """Return zeros: of another dtype, if asked, as an array of NumPy's."""
    zeros = np.zeros_like(x.hi, **kwargs)
    return zeros if kwargs else TwoFloats(zeros)


@answers(np.ones_like)
def ones_like(x, **kwargs):
    ones = np.ones_like(x.hi, **kwargs)
    return ones if kwargs else TwoFloats(ones)


@answers(np.prod)
def product(x, axis=None, keepdims=False):
    """Return the product along axes, one factor after the other."""
    axes = range(x.ndim) if axis is None else np.atleast_1d(axis)
    axes = tuple(int(k) % x.ndim for k in axes)
    factors = np.moveaxis(x, axes, range(len(axes)))
    factors = factors.reshape(-1, *factors.shape[len(axes) :])
    found = TwoFloats(np.ones(factors.shape[1:]))
    for k in range(factors.shape[0]):
        found = found * factors[k]
    return np.expand_dims(found, axes) if keepdims else found


@answers(np.pad)
def padded(x, width, mode="constant", **kwargs):
    """Pad the high parts as asked, the low ones with 0 where the padding is a constant."""
    plain = {} if mode == "constant" else kwargs
    low = None if x.lo is None else np.pad(x.lo, width, mode=mode, **plain)
    return TwoFloats(np.pad(x.hi, width, mode=mode, **kwargs), low)


@answers(np.nextafter)
def outwards(x, towards):
    """Return a number further towards an infinity by more than an addition rounds.

    2^-100 of the number, and the next float: not the nearest number of the format, of which
    there is none.
    """
    step = np.copysign(np.abs(x.hi) * 2.0**-100, towards)
    lo = np.nextafter(x.low + step, towards)
    return settled(*fast_two_sum(x.hi, lo), lambda: x.hi)


# ----------------------------------------------------------------- whole numbers


@answers(np.floor)
def floor(x):
    hi = np.floor(x.hi)
    if x.lo is None:
        return TwoFloats(hi)
    return TwoFloats(*fast_two_sum(hi, np.where(hi == x.hi, np.floor(x.lo), 0)))


@answers(np.remainder)
def remainder(a, b):
    """a - b floor(a / b) for a float b; NaN where b has a low part.

    fmod is exact; what it leaves is brought to the side of b's sign.
    """
    (a_hi, a_lo), (b_hi, b_lo) = parts(a), parts(b)
    rest = TwoFloats(np.fmod(a_hi, b_hi), a_lo)
    rest = rest if a_lo is None else plus(rest.hi, TwoFloats(a_lo))
    other_side = (np.sign(rest.hi) * np.sign(b_hi)) < 0
    rest = chosen(other_side, plus(rest, TwoFloats(b_hi)), rest)
    beyond = at_least(magnitude(rest), np.abs(b_hi))
    rest = chosen(beyond, minus(rest, TwoFloats(b_hi)), rest)
    return chosen(_is_zero(b_lo), rest, np.nan)


@answers(np.floor_divide)
def whole_quotient(a, b):
    """floor(a / b) of floats; NaN where one has a low part."""
    (a_hi, a_lo), (b_hi, b_lo) = parts(a), parts(b)
    floats = _is_zero(a_lo) & _is_zero(b_lo)
    return TwoFloats(np.where(floats, np.floor_divide(a_hi, b_hi), np.nan))
