"""Balls of sums, and of some functions, of float32 numbers, without a ball of each of them.

What a ball of a sum of exact terms is made of, its midpoint, the sum of the magnitudes and the
number of terms that are not 0 (L5), is gathered from the numbers as they are.
"""

from functools import partial
from math import prod

import numpy as np

from equivalence.arithmetic import precisions
from equivalence.arithmetic.one_rounding import LEAST, MOST, RELATIVE
from equivalence.arithmetic.rounding import OUTWARDS, RoundingArray
from equivalence.graph.convolutions import OF_CONVOLUTIONS

SIZE = 1 << 15
# What a few operations of float64 round, of what stands for the true result.
OWN = 8 * 2.0**-53
_TINY = np.float32(precisions.precision_of("float32").tiny)


def _reduced(operands, attributes, model, mean=False):
    """Return the sum along some axes; None where something else is asked for."""
    x, axes = operands
    if not _is_float32(x) or x.size == 0 or np.ndim(x) == 0:
        return None
    reduced = sorted({int(k) % x.ndim for k in np.ravel(axes)})
    kept = [k for k in range(x.ndim) if k not in reduced]
    n, left = (prod(x.shape[k] for k in some) for some in (reduced, kept))
    axis = 0 if reduced == list(range(len(reduced))) else 1
    # Summed along the first axes, or the last, x is a matrix as it lies there.
    turned = x if axis == 0 else np.transpose(x, kept + reduced)
    total = _sum_of_matrix(turned.reshape((n, left) if axis == 0 else (left, n)), axis, model)
    if total is None:
        return None
    ones = attributes["keep_dims"]
    shape = [1 if k in reduced else x.shape[k] for k in range(x.ndim) if ones or k in kept]
    total = total.reshape(tuple(shape))
    return total / n if mean else total


def _bias_gradient(operands, attributes, model):
    (x,) = operands
    if attributes["data_format"] == "NCHW":
        return None
    return _reduced((x, np.arange(np.ndim(x) - 1)), {"keep_dims": False}, model)


def _sum_of_matrix(x, axis, model):
    """Return the balls of the sums along an axis; None where one is infinite or no number."""
    n, left = x.shape[axis], x.shape[1 - axis]
    mid, magnitude, flushed = np.zeros(left), np.zeros(left), np.zeros(left)
    terms, whole = n, np.ones(left, bool)
    rows = max(SIZE // x.shape[1], 1)
    for start in range(0, len(x), rows):
        part = x[start : start + rows]
        sums = slice(None) if axis == 0 else slice(start, start + rows)
        size = np.abs(part)
        small = size < _TINY
        if small.any():
            # What is subnormal may be flushed to 0 (L8).
            flushed[sums] += np.sum(size, axis=axis, where=small, dtype=np.float64)
            terms = np.full(left, n) if np.ndim(terms) == 0 else terms
            terms[sums] -= np.count_nonzero(size == 0, axis=axis)
        if whole[sums].any():
            whole[sums] &= (part == np.floor(part)).all(axis=axis)
        mid[sums] += np.add.reduce(part, axis=axis, dtype=np.float64)
        magnitude[sums] += np.add.reduce(size, axis=axis, dtype=np.float64)
    if not np.isfinite(magnitude).all():
        return None
    ball = RoundingArray(mid, flushed, model)
    if n == 1:
        return ball
    exact = (terms <= 1) | (whole & (magnitude <= model.largest_whole))
    return ball._of_terms(n, terms, magnitude + flushed, exact)


def _added(operands, attributes, model):
    """Return the sum of several arrays."""
    (arrays,) = operands
    if len(arrays) < 3 or not all(map(_is_float32, arrays)):
        return None
    shape = arrays[0].shape
    mid, magnitude = np.zeros(shape), np.zeros(shape)
    terms, whole = np.zeros(shape, np.int64), np.ones(shape, bool)
    for part in arrays:
        size = np.abs(part)
        small = size < _TINY
        if size[small].any():
            return None
        terms += ~small
        mid += part
        magnitude += size
        if whole.any():
            whole &= part == np.floor(part)
    if not np.isfinite(magnitude).all():
        return None
    exact = (terms <= 1) | (whole & (magnitude <= model.largest_whole))
    return RoundingArray(mid, np.zeros(shape), model)._of_terms(
        len(arrays), terms, magnitude, exact
    )


def _squared_difference(operands, attributes, model):
    """Return (x - y)^2: where the difference is a float one rounding, else three of them."""
    x, y = operands
    if not (_is_float32(x) and _is_float32(y)) or model.compilers or np.ndim(x) == 0:
        return None
    difference = np.subtract(x, y, dtype=np.float64)
    size = np.abs(difference)
    # Squares from 2^-120 on, and 0, cannot be flushed.
    if not np.max(size, initial=0) ** 2 <= MOST:
        return None
    small = size < 2.0**-60
    if small.any() and (size[small].any() or (np.abs(x) < _TINY).any()):
        return None
    mid = difference * difference
    is_float = difference.astype(np.float32) == difference
    rad = mid * np.where(is_float, RELATIVE, 3 * RELATIVE * (1 + 4 * RELATIVE))
    return RoundingArray(mid, rad, model)


def _rsqrt(operands, attributes, model):
    """Return 1 / sqrt(x), off by the row of its kernel (L10)."""
    (x,) = operands
    if not _is_float32(x) or model.compilers or np.ndim(x) == 0:
        return None
    # Its own results neither are flushed nor overflow.
    if not (np.min(x, initial=1) >= _TINY and np.max(x, initial=1) <= MOST):
        return None
    mid = 1 / np.sqrt(x, dtype=np.float64)
    return RoundingArray(mid, mid * ((model.relative("rsqrt") + OWN) * OUTWARDS), model)


def _rsqrt_gradient(operands, attributes, model):
    """Return -1/2 dy y^3, multiplied in any order: three roundings (L5')."""
    y, dy = operands
    if not (_is_float32(y) and _is_float32(dy)) or model.compilers or np.ndim(y) == 0:
        return None
    size, half = np.abs(y), np.abs(dy, dtype=np.float64) / 2
    # A product of some of the factors is no larger than all above 1, no smaller than all below it.
    most = np.maximum(size, 1, dtype=np.float64) ** 3 * np.maximum(half, 1)
    least = np.minimum(size, 1, dtype=np.float64) ** 3 * np.minimum(half, 1)
    if not (np.max(most, initial=0) <= MOST and (least[dy != 0] >= LEAST).all()):
        return None
    if ((y == np.floor(y)) & (half == np.floor(half)) & (dy != 0)).any():
        return None  # whole numbers may be multiplied exactly (L6')
    mid = -0.5 * dy.astype(np.float64) * y * y * y
    rad = np.abs(mid) * ((model.gamma(3) + OWN) * OUTWARDS)
    return RoundingArray(mid, rad, model)


def _is_float32(x):
    return isinstance(x, np.ndarray) and x.dtype == np.float32


# kind -> its balls of plain arrays, or None where ``rounding`` has them.
DIRECT = {
    **OF_CONVOLUTIONS,
    "Sum": _reduced,
    "Mean": partial(_reduced, mean=True),
    "BiasAddGrad": _bias_gradient,
    "AddN": _added,
    "SquaredDifference": _squared_difference,
    "Rsqrt": _rsqrt,
    "RsqrtGrad": _rsqrt_gradient,
}
