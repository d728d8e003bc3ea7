"""Every place several times (seed 000, 6-5)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from tfimpl.layers.layer import Layer
from tfimpl.layers.windows import per_axis, windows

INTERPOLATIONS = ("nearest", "bilinear")


@dataclass(frozen=True)
class UpSampling(Layer):
    """Keras: ``UpSampling1D``, ``UpSampling2D`` (nearest) and ``UpSampling3D``."""

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
            y = tf.repeat(y, size, axis=len(x.shape) + axis - axes - 1)  # (1)
        return y, x

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (2)


class UpSampling1D(UpSampling):
    """Keras: ``UpSampling1D``."""


@dataclass(frozen=True)
class UpSampling2D(UpSampling):
    """Keras: ``UpSampling2D``."""

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
        left, right = tf.gather(x, before, axis=-2), tf.gather(x, behind, axis=-2)  # (5)
        y = left + (right - left) * tf.cast(parts[:, None], x.dtype) / (2 * size_w)  # (6)
        before, behind, parts = self.between(0)
        top, bottom = tf.gather(y, before, axis=-3), tf.gather(y, behind, axis=-3)  # (7)
        parts = tf.cast(parts[:, None, None], x.dtype)
        return top + (bottom - top) * parts / (2 * size_h), x  # (8)

    def shares(self, axis):
        """Return (copies, places): how much of a copy is a place's, in 1 / 2 size."""
        places, size = self.input_shape[axis], per_axis(self.size, 2)[axis]
        before, behind, parts = self.between(axis)
        one = np.eye(places, dtype=np.int16)
        return (
            one[before] * (2 * size - parts[:, None]) + one[behind] * parts[:, None]
        )  # (9)

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (10)-(12)


class UpSampling3D(UpSampling):
    """Keras: ``UpSampling3D``."""
