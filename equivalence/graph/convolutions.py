"""Balls of convolutions of exact float32 numbers, tap by tap of the window.

A matmul of patches moves every number as often as a window has places.  Here each tap is a
matmul of the places that it sees, as they lie there, and what it makes is added: the same sums
of products in another order, so the radius is L4's.  What lies in the padding is never looked at.
"""

from itertools import product
from math import prod

import numpy as np

from equivalence.arithmetic import products
from equivalence.arithmetic.precisions import precision_of
from equivalence.arithmetic.rounding import RoundingArray
from refimpl.layers.windows import windows

_TINY = np.float32(precision_of("float32").tiny)
_NARROW = np.dtype("float32")


def _forward(operands, attributes, model):
    x, filter = operands
    if not _answers_for(x, filter, filter.shape, x.shape[-1], attributes, model):
        return None
    if may_be_whole(filter.reshape(-1, filter.shape[-1]), 0):
        return None
    over, taps = taps_of(x.shape, filter.shape, attributes)
    shape = (len(x), *over.counts, filter.shape[-1])
    n = prod(filter.shape[:3])
    return _Sums(shape, x, filter, n, model).gather(
        [(made, seen, tap) for tap, made, seen in taps],
        lambda x, f: x.reshape(-1, x.shape[-1]) @ f,
        counts_along(x, (3,)),
        counts_along(filter, (0, 1, 2)),
    )


def _backprop_input(operands, attributes, model):
    sizes, filter, flow = operands
    sizes = tuple(int(n) for n in sizes)
    if not _answers_for(flow, filter, filter.shape, sizes[-1], attributes, model):
        return None
    if may_be_whole(np.moveaxis(filter, 2, 0).reshape(filter.shape[2], -1), 1):
        return None
    _, taps = taps_of(sizes, filter.shape, attributes)
    n = prod(filter.shape[:2]) * filter.shape[-1]
    return _Sums(sizes, flow, filter, n, model).gather(
        [(seen, made, tap) for tap, made, seen in taps],
        lambda flow, f: flow.reshape(-1, flow.shape[-1]) @ f.T,
        counts_along(flow, (3,)),
        counts_along(filter, (0, 1, 3)).reshape(1, 1, 1, -1),
    )


def _backprop_filter(operands, attributes, model):
    x, sizes, flow = operands
    sizes = tuple(int(n) for n in sizes)
    if not _answers_for(x, flow, sizes, x.shape[-1], attributes, model):
        return None
    if may_be_whole(flow.reshape(-1, flow.shape[-1]), 0):
        return None
    _, taps = taps_of(x.shape, sizes, attributes)
    n = flow.size // flow.shape[-1]
    sums = _Sums(sizes, x, flow, n, model)
    there = None if x.all() else x != 0
    rows = np.zeros((*sizes[:3], 1), np.intp)
    for tap, made, seen in taps:
        a, b = (s[part] for s, part in ((sums.x, seen), (sums.y, made)))
        flat = [s.reshape(-1, s.shape[-1]) for s in (a, b, sums.x_size[seen], sums.y_size[made])]
        sums.mid[tap] = flat[0].T @ flat[1]
        sums.magnitude[tap] = flat[2].T @ flat[3]
        rows[tap] = (
            len(flat[0])
            if there is None
            else np.count_nonzero(there[seen], axis=(0, 1, 2))[:, None]
        )
    return sums.ball(rows, counts_along(flow, (0, 1, 2)))


class _Sums:
    """Sums of products x y in the making: midpoints in float64, magnitudes in float32 (L9')."""

    def __init__(self, shape, x, y, n, model):
        self.mid, self.magnitude = np.zeros(shape), np.zeros(shape, np.float32)
        self.n, self.model = n, model
        self.x, self.y = x.astype(np.float64), y.astype(np.float64)
        self.x_size, x_power = products.scaled(np.abs(x), _NARROW)
        self.y_size, y_power = products.scaled(np.abs(y), _NARROW)
        self.power = x_power + y_power

    def gather(self, taps, multiply, rows_of, columns):
        """Add what each tap makes; return the ball.

        taps: (where it is added, what it sees of x, which of y); rows_of: how many of x are not
            0 in each place.
        """
        rows = np.zeros((*self.mid.shape[:-1], 1), np.intp)
        for made, seen, tap in taps:
            into = self.mid[made]
            into += multiply(self.x[seen], self.y[tap]).reshape(into.shape)
            into = self.magnitude[made]
            into += multiply(self.x_size[seen], self.y_size[tap]).reshape(into.shape)
            rows[made] += rows_of[seen]
        return self.ball(rows, columns)

    def ball(self, rows, columns):
        """Return the ball; None where a partial sum may overflow."""
        terms = products.Terms(rows, columns, self.n, self.mid.shape)
        bound = products.of_scaled(self.x, self.y, self.magnitude, self.n, self.power)
        rad = products.radius(self.model, bound, terms, self.mid, 0.0, 0.0)
        if not bound.largest + np.max(rad, initial=0) <= self.model.largest_sum:
            return None
        none = (rows == 0) | (columns == 0)
        if none.any():
            rad = np.where(none, 0, rad)
        return RoundingArray(self.mid, rad, self.model)


def _answers_for(x, y, filter, channels, options, model):
    """Say whether a convolution of these operands is one for this file."""
    floats = all(isinstance(a, np.ndarray) and a.dtype == np.float32 and a.size for a in (x, y))
    plain = options["padding"] != "EXPLICIT" and filter[2] == channels
    # What compilers join to a sum is written in the balls of ``rounding``.
    if not floats or not plain or model.tf32 or model.compilers:
        return False
    return all(map(_is_regular, (x, y)))


def _is_regular(x):
    """Say whether all numbers are finite, and none is subnormal."""
    size = np.abs(x)
    if not np.isfinite(np.max(size)):
        return False
    small = size < _TINY
    return not (small.any() and size[small].any())


def may_be_whole(matrix, axis):
    """Say whether all numbers of a line along an axis, and not all 0, may be whole (L6')."""
    first = np.take(matrix, 0, axis)
    lines = np.compress(first == np.floor(first), matrix, 1 - axis)
    return bool(((lines == np.floor(lines)).all(axis) & lines.any(axis)).any())


def counts_along(x, axes):
    """Return how many along axes are not 0, with these axes of one place."""
    if not x.all():
        return np.count_nonzero(x, axis=axes, keepdims=True)
    shape = [1 if k in axes else n for k, n in enumerate(x.shape)]
    return np.broadcast_to(np.intp(x.size // prod(shape)), shape)


def taps_of(sizes, filter, options):
    """Return the windows, and of each tap (tap, the windows that see a place, these places)."""
    kernel, strides, dilations = (
        tuple(int(n) for n in each)
        for each in (filter[:2], options["strides"][1:3], options["dilations"][1:3])
    )
    places = tuple(int(n) for n in sizes[1:3])
    over = windows(places, kernel, strides, dilations, options["padding"].lower())
    taps = []
    for tap in product(*map(range, kernel)):
        made, seen = [slice(None)], [slice(None)]
        for t, n, s, d, (before, _), count in zip(
            tap, places, strides, dilations, over.pads, over.counts, strict=True
        ):
            at = t * d - before  # of the first window
            first = max(-(at // s), 0)
            last = min((n - 1 - at) // s, count - 1)
            made.append(slice(first, last + 1))
            seen.append(slice(first * s + at, last * s + at + 1, s))
        if all(part.stop > part.start for part in made[1:]):
            taps.append((tap, tuple(made), tuple(seen)))
    return over, taps


# kind -> its balls of plain arrays, or None where the formula has them.
OF_CONVOLUTIONS = {
    "Conv2D": _forward,
    "Conv2DBackpropInput": _backprop_input,
    "Conv2DBackpropFilter": _backprop_filter,
}
