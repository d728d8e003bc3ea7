"""Enclosures of depthwise convolutions, tap by tap.

A window's places are few and its products meet in one channel, so that a matmul of patches would
move far more numbers than it multiplies.  Over exact operands the sums, their magnitudes and
how many products are not 0 are gathered place by place of the window instead; the radius is L4's.
Other operands go the way of ``refimpl.ops.conv2d``.
"""

from itertools import product

import numpy as np

from refimpl.layers.windows import windows
from refimpl.ops import conv2d


class _Sum:
    """A sum of products in the making: its midpoint, the sum of magnitudes, how many are not 0.

    The magnitudes are in float32: a bound of them is enough (L9').
    """

    def __init__(self, shape, x, weights):
        self.mid, self.magnitude = np.zeros(shape), np.zeros(shape, np.float32)
        self.terms = np.zeros(shape, np.int16)
        self.x, self.weights = x, weights
        self.size, self.large = np.abs(x).astype(np.float32), np.abs(weights).astype(np.float32)
        self.there = (x != 0).view(np.int8)

    def add(self, place, seen, tap):
        """Add what a tap makes of the places that it sees."""
        self.mid[place] += self.x[seen] * self.weights[tap]
        self.magnitude[place] += self.size[seen] * self.large[tap]
        self.terms[place] += self.there[seen]

    def ball(self, like):
        """Return the ball of it (L4)."""
        taps = self.weights.size // self.weights.shape[-1]
        return _ball(like, self.mid, self.magnitude, self.terms, taps)


def _ball(like, mid, magnitude, terms, n):
    """Return the ball of sums of n products at most, of magnitudes that float32 has summed."""
    model = like.model
    # Rounded n times and once more, and by underflow in each product.
    magnitude = magnitude * (1 + 2 * (n + 2) * 2.0**-24) + n * float(np.finfo(np.float32).tiny)
    rad = model.rounds_in_pieces(terms, magnitude, terms * float(model.wide_tiny), mid)
    rad = np.where(terms == 0, 0, rad)
    return like.bounded(mid, like._unless_overflow(magnitude, rad))


def _is_plain(filter, options):
    return options["padding"] != "EXPLICIT" and filter[-1] == 1


def _by_taps(x, filter, options):
    """Say whether a convolution is held tap by tap."""
    plain = _is_plain(filter.shape, options)
    floats = all(a.is_exact and a.model.wide == np.float64 for a in (x, filter))
    # Whole numbers may be exact in any order (L6'), which the formula says.
    return plain and floats and not x.model.tf32 and (filter.mid != np.floor(filter.mid)).any()


def _taps(sizes, filter, options):
    """Return the sizes as padded, the windows, (tap, what it sees) of each, and what is inside."""
    kernel, strides, dilations = (
        tuple(each) for each in (filter[:2], options["strides"][1:3], options["dilations"][1:3])
    )
    over = windows(tuple(sizes[1:3]), kernel, strides, dilations, options["padding"].lower())
    padded = tuple(n + sum(pads) for n, pads in zip(sizes[1:3], over.pads))
    taps = []
    for tap in product(*map(range, kernel)):
        starts = [t * d for t, d in zip(tap, dilations)]
        seen = (
            slice(at, at + (n - 1) * s + 1, s) for at, n, s in zip(starts, over.counts, strides)
        )
        taps.append((tap, (slice(None), *seen)))
    inside = tuple(slice(before, before + n) for n, (before, _) in zip(sizes[1:3], over.pads))
    return padded, over, taps, (slice(None), *inside)


def forward(input, filter, **options):
    if not _by_taps(input, filter, options):
        return conv2d.depthwise_conv2d(input, filter, **options)
    _, over, taps, _ = _taps(input.shape, filter.shape, options)
    x = np.pad(input.mid, ((0, 0), *over.pads, (0, 0)))
    found = _Sum((len(x), *over.counts, x.shape[-1]), x, filter.mid[..., 0])
    for tap, seen in taps:
        found.add(..., seen, tap)
    return found.ball(input)


def backprop_input(input_sizes, filter, out_backprop, **options):
    if not _by_taps(out_backprop, filter, options):
        return conv2d.depthwise_conv2d_backprop_input(input_sizes, filter, out_backprop, **options)
    sizes = tuple(int(n) for n in input_sizes)
    padded, _, taps, inside = _taps(sizes, filter.shape, options)
    found = _Sum((sizes[0], *padded, sizes[-1]), out_backprop.mid, filter.mid[..., 0])
    for tap, seen in taps:
        found.add(seen, ..., tap)
    return found.ball(out_backprop)[inside]


def backprop_filter(input, filter_sizes, out_backprop, **options):
    sizes = tuple(int(n) for n in filter_sizes)
    shaped = out_backprop.reshape(*out_backprop.shape, 1)
    if sizes[-1] != 1 or not _by_taps(input, shaped, options):
        return conv2d.depthwise_conv2d_backprop_filter(input, filter_sizes, out_backprop, **options)
    _, over, taps, _ = _taps(input.shape, sizes, options)
    x = np.pad(input.mid, ((0, 0), *over.pads, (0, 0)))
    flow = out_backprop.mid
    mid, magnitude, terms = np.zeros(sizes[:3]), np.zeros(sizes[:3]), np.zeros(sizes[:3], np.int64)
    size, large = (np.abs(a).astype(np.float32) for a in (x, flow))
    most = np.count_nonzero(flow, axis=(0, 1, 2))
    for tap, seen in taps:
        mid[tap] = np.einsum("bijc,bijc->c", x[seen], flow)
        magnitude[tap] = np.einsum("bijc,bijc->c", size[seen], large)
        terms[tap] = np.minimum(np.count_nonzero(size[seen], axis=(0, 1, 2)), most)
    n = flow.size // flow.shape[-1]
    return _ball(input, mid, magnitude, terms, n).reshape(sizes)


# ------------------------------------------------------- over numbers that move


def moving(input, filter, **options):
    """The convolution of float64 arrays, or of Tangents."""
    if not _is_plain(filter.shape, options):
        return conv2d.depthwise_conv2d(input, filter, **options)
    _, over, taps, _ = _taps(input.shape, filter.shape, options)
    x = np.pad(input, ((0, 0), *over.pads, (0, 0)))
    return sum(x[seen] * filter[tap][:, 0] for tap, seen in taps)


def moving_back(input_sizes, filter, out_backprop, **options):
    arrays = all(isinstance(a, np.ndarray) for a in (filter, out_backprop))
    if not arrays or not _is_plain(filter.shape, options):
        return conv2d.depthwise_conv2d_backprop_input(input_sizes, filter, out_backprop, **options)
    sizes = tuple(int(n) for n in input_sizes)
    padded, _, taps, inside = _taps(sizes, filter.shape, options)
    found = np.zeros((sizes[0], *padded, sizes[-1]))
    for tap, seen in taps:
        found[seen] += out_backprop * filter[tap][:, 0]
    return found[inside]


def moving_filter(input, filter_sizes, out_backprop, **options):
    sizes = tuple(int(n) for n in filter_sizes)
    arrays = all(isinstance(a, np.ndarray) for a in (input, out_backprop))
    if not arrays or not _is_plain(sizes, options):
        return conv2d.depthwise_conv2d_backprop_filter(input, filter_sizes, out_backprop, **options)
    _, over, taps, _ = _taps(input.shape, sizes, options)
    x = np.pad(input, ((0, 0), *over.pads, (0, 0)))
    found = np.zeros(sizes)
    for tap, seen in taps:
        found[tap][:, 0] = np.einsum("bijc,bijc->c", x[seen], out_backprop)
    return found
