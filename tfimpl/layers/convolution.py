"""Convolution over one, two or three axes of places (seed 000, 6-2, 6-3, 6-12)."""

from dataclasses import dataclass
from math import prod
from typing import Any

import tensorflow as tf
import tensorflow.experimental.numpy as tnp

from tfimpl.activations import Linear
from tfimpl.layers.layer import Layer
from tfimpl.layers.windows import in_one_axis, look_up, per_axis, windows


@dataclass(frozen=True)
class Convolution(Layer):
    """Keras: ``Conv1D``, ``Conv2D`` and ``Conv3D``, which are one class there too."""

    filters: int
    kernel_size: Any
    strides: Any = 1
    padding: str = "valid"
    dilation_rate: Any = 1
    groups: int = 1
    activation: Any = Linear()
    use_bias: bool = True

    @property
    def axes(self):
        """How many axes of places there are."""
        return len(self.input_shape) - 1

    @property
    def windows(self):
        places = self.input_shape[:-1]
        return windows(
            places, self.kernel_size, self.strides, self.dilation_rate, self.padding
        )

    @property
    def weight_names(self):
        return ("kernel", "bias") if self.use_bias else ("kernel",)

    @property
    def weight_shapes(self):
        size = prod(per_axis(self.kernel_size, self.axes))
        kernel = (size * self.input_shape[-1] // self.groups, self.filters)
        return (kernel, (1, self.filters)) if self.use_bias else (kernel,)

    @property
    def output_shape(self):
        return (*self.windows.counts, self.filters)

    def split(self, x):
        """Return (..., groups, batch, places, channels / groups) of x."""
        x = in_one_axis(x, self.axes)
        return tnp.moveaxis(tf.reshape(x, (*x.shape[:-1], self.groups, -1)), -2, -4)

    def split_columns(self, matrix):
        """Return (..., groups, rows, columns / groups) of a kernel or a bias."""
        parts = tf.reshape(matrix, (*matrix.shape[:-1], self.groups, -1))
        return tnp.moveaxis(parts, -2, -3)

    def merge(self, parts):
        """Return (..., rows, columns) of (..., groups, rows, columns / groups)."""
        rows = tnp.moveaxis(parts, -3, -2)
        return tf.reshape(rows, (*rows.shape[:-2], -1))

    def in_rows(self, seen):
        """Return (..., rows, numbers) of (..., batch, rows, places, channels)."""
        return tf.reshape(seen, (*seen.shape[:-4], -1, seen.shape[-2] * seen.shape[-1]))

    def turned(self, kernel):
        """Return (..., groups, kernel places * filters / groups, channels / groups)."""
        parts = self.split_columns(kernel)
        size = self.windows.table.shape[1]
        parts = tf.reshape(parts, (*parts.shape[:-2], size, -1, parts.shape[-1]))
        parts = tf.linalg.matrix_transpose(parts)
        return tf.reshape(parts, (*parts.shape[:-3], -1, parts.shape[-1]))

    def forward(self, weights, x):
        kernel, *bias = weights
        patches = self.in_rows(look_up(self.split(x), self.windows.table))  # (1)
        z = patches @ self.split_columns(kernel)  # (2)
        if self.use_bias:
            z = z + self.split_columns(bias[0])  # (3)
        z = tf.reshape(self.merge(z), (*self.leading(x), -1, *self.output_shape))
        y = self.activation.forward(z)  # (4)
        return y, x

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (5)-(9)


class Conv1D(Convolution):
    """Keras: ``Conv1D``."""


class Conv2D(Convolution):
    """Keras: ``Conv2D``."""


class Conv3D(Convolution):
    """Keras: ``Conv3D``."""
