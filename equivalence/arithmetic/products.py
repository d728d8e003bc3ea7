"""Products of large matrices for balls (L9'): midpoints and radii by BLAS, and what BLAS rounds.

A radius need not be computed finely, only never too small: a bound of |A| |B| is a product
in the next narrower format, enlarged by what that may have rounded (Higham 2002, (3.13)).
Midpoints in extended precision have no BLAS, and neither have sums of two floats; there each
factor is cut in two, so that the product of the leading parts is exact in float64 (Ozaki,
Ogita, Oishi and Rump 2012, "Error-free transformations of matrix multiplication by using fast
routines of matrix multiplication and its applications", Numerical Algorithms 59, 95-118).
"""

from dataclasses import dataclass

import numpy as np

from equivalence.arithmetic.error_free import total_of_products, two_sum
from equivalence.arithmetic.two_floats import TwoFloats, head_and_tail, narrowed, size_of

# Multiplications from which on a format with BLAS is worth its preparations.
LARGE = 20_000
# Scaling keeps products from underflow: largest elements become 2 to this power.
SCALED = {"float32": 50, "float64": 480}
DOUBLE_BITS = 53


@dataclass(frozen=True)
class Bound:
    """An upper bound of the product of two arrays x, y of numbers >= 0."""

    x: np.ndarray
    y: np.ndarray
    values: np.ndarray
    empty: np.ndarray  # where the product was 0 as computed, by underflow perhaps

    def zero(self):
        """Say where the product is exactly 0: no two factors meet."""
        if not self.empty.any():
            return self.empty
        return ((self.x != 0).astype(np.float32) @ (self.y != 0).astype(np.float32)) == 0


def bound(x, y):
    """Return the Bound of the product of two arrays of numbers >= 0."""
    narrow = np.dtype("float32" if x.dtype == np.float64 else "float64")
    n = x.shape[-1]
    if not _large(x, y) or not (np.isfinite(x).all() and np.isfinite(y).all()):
        product = x @ y
        return Bound(x, y, product * (1 + (n + 1) * np.finfo(product.dtype).eps), product == 0)
    (x_small, x_power), (y_small, y_power) = (_scaled(a, narrow) for a in (x, y))
    rough = x_small @ y_small
    unit, smallest = np.finfo(narrow).eps / 2, np.finfo(narrow).tiny
    values = rough.astype(x.dtype)
    values *= 1 + 1.01 * (n + 4) * unit
    # What underflows, in a factor or in a product, is less than the smallest normal number
    # times the largest of the other factor.
    values += 4 * n * float(smallest) * 2.0 ** SCALED[narrow.name]
    return Bound(x, y, _times(values, x_power + y_power), rough == 0)


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


def _scaled(x, narrow):
    """Return x times a power of 2, in a narrower format, and the power that leads back."""
    top = float(np.max(x, initial=0))
    power = int(np.frexp(top)[1]) - SCALED[narrow.name] if top > 0 else 0
    return _times(x, -power).astype(narrow), power


def _times(x, power):
    """Return x times a power of 2, which is faster by a product where that is a float."""
    return x * 2.0**power if abs(power) < 1000 else np.ldexp(x, power)


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
