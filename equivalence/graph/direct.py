"""Balls of sums of many float32 numbers, without a ball of each of them.

What a ball of a sum of exact terms is made of, its midpoint, the sum of the magnitudes and the
number of terms that are not 0 (L5), is gathered from the numbers as they are.
"""

from functools import partial
from math import prod

import numpy as np

from equivalence.arithmetic import precisions
from equivalence.arithmetic.one_rounding import MOST, RELATIVE
from equivalence.arithmetic.rounding import RoundingArray
from equivalence.graph.convolutions import OF_CONVOLUTIONS

SIZE = 1 << 15
_TINY = np.float32(precisions.precision_of("float32").tiny)


def _reduced(operands, attributes, model, mean=False):
    """Return the sum along the first axes; None where something else is asked for."""
    x, axes = operands
    if not _is_float32(x) or x.size < SIZE or np.ndim(x) == 0:
        return None
    reduced = sorted({int(k) % x.ndim for k in np.ravel(axes)})
    if not reduced or reduced != list(range(len(reduced))):
        return None
    kept = x.shape[len(reduced) :]
    shape = (*(1,) * len(reduced), *kept) if attributes["keep_dims"] else kept
    total = _sum_of_rows(x.reshape(-1, prod(kept)), model)
    if total is None:
        return None
    total = total.reshape(shape)
    return total / (x.size // max(total.size, 1)) if mean else total


def _bias_gradient(operands, attributes, model):
    (x,) = operands
    if attributes["data_format"] == "NCHW":
        return None
    return _reduced((x, np.arange(np.ndim(x) - 1)), {"keep_dims": False}, model)


def _sum_of_rows(x, model):
    """Return the ball of the sum of a matrix' rows; None where some numbers are subnormal."""
    n, columns = x.shape
    mid, magnitude = np.zeros(columns), np.zeros(columns)
    terms, whole = np.full(columns, n), np.ones(columns, bool)
    rows = max(SIZE // columns, 1)
    for start in range(0, n, rows):
        part = x[start : start + rows]
        size = np.abs(part)
        small = size < _TINY
        if small.any():
            if size[small].any():
                return None
            terms -= np.count_nonzero(small, axis=0)
        if whole.any():
            whole &= (part == np.floor(part)).all(axis=0)
        mid += np.add.reduce(part, axis=0, dtype=np.float64)
        magnitude += np.add.reduce(size, axis=0, dtype=np.float64)
    if not np.isfinite(magnitude).all():
        return None
    exact = (terms <= 1) | (whole & (magnitude <= model.largest_whole))
    return RoundingArray(mid, np.zeros(columns), model)._of_terms(n, terms, magnitude, exact)


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
}
