"""Windows that slide over the places of a sample, as tables of indices.

The places of a sample lie on one, two or three axes (1D, 2D, 3D).  They are counted row by
row from 0; so are the windows, and the places of a window.  The number above the last place
stands for "nothing", the padding.
"""

from dataclasses import dataclass
from functools import cache, cached_property
from math import prod

import numpy as np


def per_axis(value, axes):
    """Return one of Keras's options for each axis; a number alone is that of all axes."""
    return (value,) * axes if isinstance(value, int) else tuple(value)


def both_ends(value, axes):
    """Return (before, behind) for each axis; a number alone stands for all ends."""
    pairs = (value,) if axes == 1 and not isinstance(value, int) else per_axis(value, axes)
    return tuple(per_axis(pair, 2) for pair in pairs)


def within(shape, ends):
    """Return the index of what lies between the ends, on all axes but the last."""
    inside = (slice(before, n - behind) for n, (before, behind) in zip(shape, ends))
    return (..., *inside, slice(None))


@dataclass(frozen=True)
class Windows:
    """All windows over ``places``, for example (28, 28); the rest is as Keras names it.

    padding: "valid", windows lie inside; "same", there are ceil(places / strides) of them,
        and an odd place of padding goes behind; "causal", they end at the places.
    """

    places: tuple
    size: tuple
    strides: tuple
    dilation: tuple
    padding: str

    @property
    def spans(self):
        """From a window's first to its last place, on each axis."""
        return tuple((k - 1) * d + 1 for k, d in zip(self.size, self.dilation))

    @property
    def pads(self):
        """Places of padding (before, behind) on each axis."""
        if self.padding == "valid":
            return tuple((0, 0) for _ in self.places)
        if self.padding == "causal":
            return tuple((span - 1, 0) for span in self.spans)
        axes = zip(self.places, self.strides, self.spans)
        missing = [max((-(-n // s) - 1) * s + span - n, 0) for n, s, span in axes]
        return tuple((m // 2, m - m // 2) for m in missing)  # (1)

    @property
    def counts(self):
        """The number of windows along each axis."""
        axes = zip(self.places, self.pads, self.spans, self.strides)
        return tuple((n + sum(pad) - span) // s + 1 for n, pad, span, s in axes)

    @cached_property
    def table(self):
        """(windows, places of a window) -> the place it lies on, or nothing."""
        nothing, axes = prod(self.places), len(self.places)
        padded = np.pad(
            np.arange(nothing).reshape(self.places), self.pads, constant_values=nothing
        )
        at = []
        for axis in range(axes):
            starts = self.strides[axis] * np.arange(self.counts[axis])
            inside = self.dilation[axis] * np.arange(self.size[axis])  # (2)
            shape = [1] * (2 * axes)
            shape[axis], shape[axes + axis] = self.counts[axis], self.size[axis]
            at.append((starts[:, None] + inside).reshape(shape))
        return padded[tuple(at)].reshape(prod(self.counts), prod(self.size))  # (3)

    @cached_property
    def back(self):
        """(places, places of a window) -> the window that lies there so, or nothing."""
        windows, size = self.table.shape
        back = np.full((prod(self.places) + 1, size), windows)
        back[self.table, np.arange(size)] = np.arange(windows)[:, None]  # (4)
        return back[:-1]

    @cached_property
    def is_nothing(self):
        """Where ``table`` says nothing."""
        return self.table == prod(self.places)

    @cached_property
    def inside(self):
        """``table`` with the first place of each window in the place of nothing."""
        return np.where(self.is_nothing, self.table.min(axis=1, keepdims=True), self.table)

    @cached_property
    def counts_inside(self):
        """(windows, 1): how many places of each are something.

        In so few bits that a quotient keeps the format of its numerator.
        """
        return (~self.is_nothing).sum(axis=1, keepdims=True).astype(np.int16)

    @cached_property
    def takers(self):
        """(places, places of a window) -> a place of all windows in a row, or nothing."""
        windows, size = self.table.shape
        return np.minimum(self.back * size + np.arange(size), windows * size)


@cache
def windows(places, size, strides=1, dilation=1, padding="valid"):
    """Return the Windows for options as Keras takes them, made once."""
    options = (per_axis(option, len(places)) for option in (size, strides, dilation))
    return Windows(places, *options, padding)


def in_one_axis(x, axes):
    """Return (..., batch, places, channels) of x with several axes of places."""
    return x.reshape(*x.shape[: len(x.shape) - axes - 1], -1, x.shape[-1])


def look_up(x, table):
    """Return (..., batch, *table's shape, channels) of x (..., batch, places, channels)."""
    nothing = np.zeros_like(x[..., :1, :])
    return np.concatenate([x, nothing], axis=-2)[..., table, :]
