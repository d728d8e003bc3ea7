"""Products of large matrices for balls (L9'): midpoints and radii by BLAS, and what BLAS rounds.

A radius need not be computed finely, only never too small: a bound of |A| |B| is a product
in the next narrower format, enlarged by what that may have rounded (Higham 2002, (3.13)).
Midpoints in extended precision have no BLAS, and neither have sums of two floats; there each
factor is cut in two, so that the product of the leading parts is exact in float64 (Ozaki,
Ogita, Oishi and Rump 2012, "Error-free transformations of matrix multiplication by using fast
routines of matrix multiplication and its applications", Numerical Algorithms 59, 95-118).
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from equivalence.arithmetic.boxes import boxes
from equivalence.arithmetic.error_free import total_of_products, two_sum
from equivalence.arithmetic.two_floats import TwoFloats, head_and_tail, narrowed, size_of

# Multiplications from which on a format with BLAS is worth its preparations.
LARGE = 20_000
# Scaling keeps products from underflow: largest elements become 2 to this power.
SCALED = {"float32": 50, "float64": 480}
DOUBLE_BITS = 53
# Powers of 2 beyond this are multiplied with in parts.
FAR = 1000


@dataclass(frozen=True)
class Bound:
    """An upper bound of the product of two arrays x, y of numbers >= 0.

    It is ``rough``, in whatever format, times ``factor``, and ``more``.
    """

    x: np.ndarray
    y: np.ndarray
    rough: np.ndarray
    factor: Any = 1.0
    more: Any = 0.0

    @property
    def values(self):
        """The bound, in the format of x."""
        values = self.rough.astype(self.x.dtype)
        values *= self.factor
        values += self.more
        return values

    @property
    def largest(self):
        return np.max(self.rough, initial=0) * self.factor + self.more

    def zero(self):
        """Say where the product is exactly 0: no two factors meet."""
        if self.rough.all():
            return np.False_
        return ((self.x != 0).astype(np.float32) @ (self.y != 0).astype(np.float32)) == 0


def bound(x, y):
    """Return the Bound of the product of two arrays of numbers >= 0."""
    narrow = np.dtype("float32" if x.dtype == np.float64 else "float64")
    n = x.shape[-1]
    tops = [float(np.max(a, initial=0)) for a in (x, y)]  # what is not a number is the largest
    if not _large(x, y) or not np.isfinite(tops).all():
        product = x @ y
        return Bound(x, y, product, 1 + (n + 1) * np.finfo(product.dtype).eps)
    (x_small, x_power), (y_small, y_power) = (
        scaled(a, narrow, top) for a, top in zip((x, y), tops)
    )
    rough = x_small @ y_small
    return of_scaled(x, y, rough, n, x_power + y_power)


def of_scaled(x, y, rough, n, power):
    """Return the Bound of which sums of n products of scaled numbers are ``rough``.

    power: of 2, that leads back to x and y.
    """
    narrow = rough.dtype
    unit, smallest = np.finfo(narrow).eps / 2, np.finfo(narrow).tiny
    factor = x.dtype.type(1 + 1.01 * (n + 4) * unit)
    # What underflows, in a factor or in a product, is less than the smallest normal number
    # times the largest of the other factor.
    more = x.dtype.type(4 * n * float(smallest) * 2.0 ** SCALED[narrow.name])
    if abs(power) < FAR:
        return Bound(x, y, rough, factor * x.dtype.type(2.0) ** power, more * 2.0**power)
    return Bound(x, y, _times(rough.astype(x.dtype) * factor + more, power))


class Gammas(NamedTuple):
    """What the additions of each sum round, of the largest partial sum (L5).

    of_each: gamma of the additions of each; half: that of a partial sum of as many, and 1/2.
    """

    of_each: Any
    half: Any


@dataclass(frozen=True)
class Terms:
    """How many products of each element of x @ y, (..., M, N), may be other than 0, at most.

    rows: (..., M, 1), how many are not 0 in a row of x; columns: (..., 1, N), of y.  One number
    in all places, or of one element, where all are n.
    """

    rows: np.ndarray
    columns: np.ndarray
    n: int
    shape: tuple

    @property
    def of_each(self):
        return np.broadcast_to(np.minimum(self.rows, self.columns), self.shape)

    @property
    def most(self):
        rows, columns = (np.max(a, axis=(-2, -1), initial=0) for a in (self.rows, self.columns))
        return int(np.max(np.minimum(rows, columns), initial=0))

    def choose(self, table, part):
        """Return what a table has for the terms of a part; it rises with them."""
        most = len(table) - 1
        sides = [
            table[np.minimum(side[_reaching(part, side.shape)], most)]
            for side in (self.rows, self.columns)
            if side.size > 1 and any(side.strides)
        ]
        if not sides:
            return table[most]
        return sides[0] if len(sides) == 1 else np.minimum(*sides)


def _reaching(box, shape):
    """Return which part of an array of a shape meets a box of what it is broadcast to."""
    tail = box[len(box) - len(shape) :]
    return tuple(part if n != 1 else slice(None) for part, n in zip(tail, shape))


def terms_that_meet(x, y, shape):
    """Return the Terms of x @ y, of a shape."""
    n = x.shape[-1]
    rows, columns = _counts(x, -1, n), _counts(y, -2, n)
    return Terms(rows, columns, n, shape)


def _counts(x, axis, n):
    """Return how many along an axis are not 0; fast where all are."""
    if x.all():
        return np.full((1, 1), n)
    return np.expand_dims(np.count_nonzero(x, axis=axis), axis)


def radius(model, bound, terms, mid, carried, own):
    """Return the radius of balls of x @ y (L4): what was carried, and what sums may round.

    mid: the midpoints.  carried, own: what the operands carry, and what the midpoint's own
    arithmetic may have lost beyond gamma: arrays, or 0.0.

    A few passes over each part of the array that fits the processor's cache.
    """
    n = terms.n
    units, lost = model.wide_gamma(n + 1), n * model.wide_tiny
    gammas = model.gammas(np.arange(terms.most + 1))
    kind = np.result_type(bound.rough.dtype, bound.x.dtype)
    found, table = np.empty(mid.shape, kind), gammas.of_each.astype(kind)
    for part in boxes(mid.shape):
        of = lambda array, part=part: array[part] if np.ndim(array) else array
        magnitude = bound.rough[part] * bound.factor
        magnitude += bound.more
        rad = magnitude * units
        rad += of(carried) + of(own) + lost
        if not model.silent:
            here = gammas._replace(of_each=terms.choose(table, part))
            rad += model.rounds_in_products(here, magnitude, size_of(mid[part]) + rad)
            rad += 2 * n * model.tiny
        rad *= model.outwards(n)
        found[part] = rad
    return found


def midpoint(a, b):
    """Return a @ b, and a bound of its error beyond gamma of the format times |a| |b|.

    In float64 the product is BLAS's, which has no more error than that.
    """
    if not isinstance(a, TwoFloats) and (a.dtype == np.float64 or not _large(a, b)):
        return a @ b, 0.0
    n = a.shape[-1]
    two_floats = isinstance(a, TwoFloats)
    if two_floats and not _large(a, b):
        return _by_elements(a, b), 0.0
    bits = (DOUBLE_BITS - int(np.ceil(np.log2(n)))) // 2
    a_high, a_low, a_top = _cut(a, -1, bits)
    b_high, b_low, b_top = _cut(b, -2, bits)
    leading = a_high @ b_high  # exact: a whole number below 2^53 of a unit
    rest = a_high @ b_low, a_low @ b.astype(np.float64)
    if two_floats:
        product = TwoFloats(*two_sum(leading, rest[0] + rest[1]))
    else:
        leading, *rest = (part.astype(a.dtype) for part in (leading, *rest))
        product = leading + (rest[0] + rest[1])
    lost = 1.01 * (n + 6) * 2.0 ** -(DOUBLE_BITS + bits)
    rows = np.sum(size_of(a), axis=-1, keepdims=True)
    columns = np.sum(size_of(b), axis=-2, keepdims=True)
    error = lost * (rows * b_top + a_top * columns)
    return product, error + 8 * n * np.finfo(np.float64).tiny


def _by_elements(a, b):
    """Return a @ b of TwoFloats, to (n + 8) 2^-75 of |a| |b|, element by element.

    The products of the heads are floats, and summed without loss; what remains is 2^-24 of
    them at most.
    """
    (a_head, a_tail), (b_head, b_tail) = head_and_tail(a), head_and_tail(b)
    rest = a_head @ b_tail + a_tail @ b.hi
    s, error = total_of_products(a_head, b_head)
    return TwoFloats(*two_sum(s, error + rest))


def _large(x, y):
    return x.shape[-2] * x.shape[-1] * y.shape[-1] > LARGE


def scaled(x, narrow, top=None):
    """Return x times a power of 2, in a narrower format, and the power that leads back.

    top: the largest of x, whose numbers are at least 0, where it is known.
    """
    top = float(np.max(x, initial=0)) if top is None else top
    power = int(np.frexp(top)[1]) - SCALED[narrow.name] if top > 0 else 0
    if x.dtype == narrow and abs(power) > 120:  # no float of that format
        x = x.astype(np.float64)
    return _times(x, -power).astype(narrow, copy=False), power


def _times(x, power):
    """Return x times a power of 2, which is faster by a product where that is a float."""
    return x * 2.0**power if abs(power) < FAR else np.ldexp(x, power)


def _cut(x, axis, bits):
    """Return x as float64 parts: its leading ``bits`` below the largest of a line, and the rest.

    And a power of 2 above the largest.  Adding and taking away a large number rounds x to
    a multiple of that number's last place; what remains is exact in the wide format.
    """
    middle = narrowed(x)
    largest = np.max(np.abs(middle), axis=axis, keepdims=True)
    top = np.ldexp(np.ones_like(largest), np.frexp(largest)[1])
    large = top * 0.75 * 2.0 ** (np.finfo(x.dtype).nmant + 2 - bits)
    high = (middle + large) - large
    return high.astype(np.float64), (x - high).astype(np.float64), top
