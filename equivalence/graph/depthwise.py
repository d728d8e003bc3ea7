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
    """A sum of products in the making: its midpoint, the sum of magnitudes, how many are not 0."""

    def __init__(self, shape):
        self.mid, self.magnitude = np.zeros(shape), np.zeros(shape)
        self.terms = np.zeros(shape, np.int32)

    def add(self, place, x, y):
        each = x * y
        self.mid[place] += each
        self.terms[place] += each != 0
        self.magnitude[place] += np.abs(each, out=each)

    def ball(self, like):
        """Return the ball of it (L4)."""
        model, terms, magnitude = like.model, self.terms, self.magnitude
        rad = model.rounds_in_pieces(terms, magnitude, terms * float(model.wide_tiny), self.mid)
        rad = np.where(magnitude == 0, 0, rad)
        return like.bounded(self.mid, like._unless_overflow(magnitude, rad))


def _is_plain(filter, options):
    return options["padding"] != "EXPLICIT" and filter[-1] == 1


def _by_taps(x, filter, options):
    """Say whether a convolution is held tap by tap."""
    plain = _is_plain(filter.shape, options)
    floats = all(a.is_exact and a.model.wide == np.float64 for a in (x, filter))
    # Whole numbers may be exact in any order (L6'), which the formula says.
    return plain and floats and not x.model.tf32 and (filter.mid != np.floor(filter.mid)).any()


def _taps(sizes, filter, options):
    """Return (images as padded, how many windows, (tap, what it sees of those)), by window's place."""
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
    found = _Sum((len(x), *over.counts, x.shape[-1]))
    for tap, seen in taps:
        found.add(..., x[seen], filter.mid[tap][:, 0])
    return found.ball(input)


def backprop_input(input_sizes, filter, out_backprop, **options):
    if not _by_taps(out_backprop, filter, options):
        return conv2d.depthwise_conv2d_backprop_input(input_sizes, filter, out_backprop, **options)
    sizes = tuple(int(n) for n in input_sizes)
    padded, _, taps, inside = _taps(sizes, filter.shape, options)
    found = _Sum((sizes[0], *padded, sizes[-1]))
    for tap, seen in taps:
        found.add(seen, out_backprop.mid, filter.mid[tap][:, 0])
    return found.ball(out_backprop)[inside]


def backprop_filter(input, filter_sizes, out_backprop, **options):
    sizes = tuple(int(n) for n in filter_sizes)
    shaped = out_backprop.reshape(*out_backprop.shape, 1)
    if sizes[-1] != 1 or not _by_taps(input, shaped, options):
        return conv2d.depthwise_conv2d_backprop_filter(
            input, filter_sizes, out_backprop, **options
        )
    _, over, taps, _ = _taps(input.shape, sizes, options)
    x = np.pad(input.mid, ((0, 0), *over.pads, (0, 0)))
    found = _Sum(sizes[:3])
    for tap, seen in taps:
        each = x[seen] * out_backprop.mid
        found.mid[tap] = np.sum(each, axis=(0, 1, 2))
        found.terms[tap] = np.count_nonzero(each, axis=(0, 1, 2))
        found.magnitude[tap] = np.sum(np.abs(each, out=each), axis=(0, 1, 2))
    return found.ball(input).reshape(sizes)


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
        return conv2d.depthwise_conv2d_backprop_filter(
            input, filter_sizes, out_backprop, **options
        )
    _, over, taps, _ = _taps(input.shape, sizes, options)
    x = np.pad(input, ((0, 0), *over.pads, (0, 0)))
    found = np.zeros(sizes)
    for tap, seen in taps:
        found[tap][:, 0] = np.einsum("bijc,bijc->c", x[seen], out_backprop)
    return found
