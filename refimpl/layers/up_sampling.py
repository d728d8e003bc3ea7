"""Every place several times (seed 000, 6-5)."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from refimpl.layers.layer import Layer
from refimpl.layers.windows import in_one_axis, look_up, per_axis, windows

INTERPOLATIONS = ("nearest", "bilinear")


@dataclass(frozen=True)
class UpSampling(Layer):
    """y[q, c] = x[q // size, c] on each axis; a place's gradient is the sum of its copies'.

    x (..., batch, *places, channels) -> y (..., batch, *places * size, channels).
    """

    size: Any = 2

    @property
    def output_shape(self):
        *places, channels = self.input_shape
        sizes = per_axis(self.size, len(places))
        return (*(n * size for n, size in zip(places, sizes)), channels)

    @property
    def copies(self):
        """The windows that hold the copies of each place."""
        return windows(self.output_shape[:-1], self.size, self.size)

    def forward(self, weights, x):
        y, axes = x, len(self.input_shape) - 1
        for axis, size in enumerate(per_axis(self.size, axes)):
            y = np.repeat(y, size, axis=axis - axes - 1)  # (1)
        return y, x

    def backward(self, weights, kept, yb):
        places = in_one_axis(yb, len(self.input_shape) - 1)
        xb = np.sum(look_up(places, self.copies.table), axis=-2)  # (2)
        return xb.reshape(*kept.shape), ()


class UpSampling1D(UpSampling):
    """One axis of places: input_shape (steps, channels)."""


@dataclass(frozen=True)
class UpSampling2D(UpSampling):
    """Two axes of places: input_shape (height, width, channels).

    interpolation "bilinear": copy i of a place lies at (i + 1/2) / size - 1/2, so that its
    middle lies on the middle of the place; between the places a and b before and behind it,
    at the fraction t of their distance, it is a + (b - a) t, on the width, then on the
    height.  Before the first place and behind the last it is theirs.

    Raises ValueError for another interpolation (Keras has bicubic, lanczos3 and lanczos5),
    and where bilinear's sizes are no powers of 2: TensorFlow rounds where the copies lie.
    """

    interpolation: str = "nearest"

    def __post_init__(self):
        if self.interpolation not in INTERPOLATIONS:
            raise ValueError(f"{self.interpolation!r} is none of {INTERPOLATIONS}")
        sizes = per_axis(self.size, 2)
        if self.interpolation == "bilinear" and any(n & (n - 1) for n in sizes):
            raise ValueError(f"bilinear sizes must be powers of 2, not {sizes}")

    def between(self, axis):
        """Return the places before and behind each copy, and its fraction in 1 / 2 size."""
        places, size = self.input_shape[axis], per_axis(self.size, 2)[axis]
        copies = 2 * np.arange(places * size) + 1 - size  # (3)
        before, behind = copies // (2 * size), -(-copies // (2 * size))
        inside = np.clip([before, behind], 0, places - 1)
        return *inside, (copies % (2 * size)).astype(np.int16)  # (4)

    def forward(self, weights, x):
        if self.interpolation == "nearest":
            return super().forward(weights, x)
        size_h, size_w = per_axis(self.size, 2)
        before, behind, parts = self.between(1)
        left, right = x[..., before, :], x[..., behind, :]  # (5)
        y = left + (right - left) * parts[:, None] / (2 * size_w)  # (6)
        before, behind, parts = self.between(0)
        top, bottom = y[..., before, :, :], y[..., behind, :, :]  # (7)
        return top + (bottom - top) * parts[:, None, None] / (2 * size_h), x  # (8)

    def shares(self, axis):
        """Return (copies, places): how much of a copy is a place's, in 1 / 2 size."""
        places, size = self.input_shape[axis], per_axis(self.size, 2)[axis]
        before, behind, parts = self.between(axis)
        one = np.eye(places, dtype=np.int16)
        return (
            one[before] * (2 * size - parts[:, None]) + one[behind] * parts[:, None]
        )  # (9)

    def backward(self, weights, kept, yb):
        if self.interpolation == "nearest":
            return super().backward(weights, kept, yb)
        shares = np.kron(self.shares(0), self.shares(1))  # (10)
        # The quotient comes first: a power of 2 rounds nothing, and what may be flushed
        # there, times whole shares, is more than what is flushed of all its fractions.
        parts = in_one_axis(yb, 2) / (4 * prod(per_axis(self.size, 2)))  # (11)
        return (shares.T @ parts).reshape(*kept.shape), ()  # (12)


class UpSampling3D(UpSampling):
    """Three axes of places: input_shape (depth, height, width, channels)."""
