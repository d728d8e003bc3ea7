"""Convolution over one, two or three axes of places (seed 000, 6-2, 6-3, 6-12).

A window slides over the places of a sample.  What lies under it, places and channels in one
row, is a patch; every patch is multiplied with the same kernel.  The kernel is not turned:
what libraries call a convolution is the cross-correlation (seed 000, 6-2; Goodfellow,
Bengio and Courville 2016, (9.6)).  The way back turns it: what window r took from place p
by place k of the kernel flows back from r to p by k.
"""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from refimpl.activations import Linear
from refimpl.layers.layer import Layer
from refimpl.layers.windows import in_one_axis, look_up, per_axis, windows


@dataclass(frozen=True)
class Convolution(Layer):
    """z[r, f] = sum_k,c x[place(r, k), c] kernel[k c, f] + bias[f]; y = activation(z).

    x (..., batch, *places, channels) -> y (..., batch, *windows, filters); kernel
    (kernel places * channels / groups, filters), bias (1, filters).

    place(r, k): strides r + dilation_rate k - padding, on each axis; outside lie zeros.
    padding: "valid", "same", or "causal" (1D only).
    groups: channels and filters fall into so many parts; a filter sees the channels of its
        own part (Krizhevsky, Sutskever and Hinton 2012, 3.5).
    """

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
        return np.moveaxis(x.reshape(*x.shape[:-1], self.groups, -1), -2, -4)

    def split_columns(self, matrix):
        """Return (..., groups, rows, columns / groups) of a kernel or a bias."""
        parts = matrix.reshape(*matrix.shape[:-1], self.groups, -1)
        return np.moveaxis(parts, -2, -3)

    def merge(self, parts):
        """Return (..., rows, columns) of (..., groups, rows, columns / groups)."""
        rows = np.moveaxis(parts, -3, -2)
        return rows.reshape(*rows.shape[:-2], -1)

    def in_rows(self, seen):
        """Return (..., rows, numbers) of (..., batch, rows, places, channels)."""
        return seen.reshape(*seen.shape[:-4], -1, seen.shape[-2] * seen.shape[-1])

    def turned(self, kernel):
        """Return (..., groups, kernel places * filters / groups, channels / groups)."""
        parts = self.split_columns(kernel)
        size = self.windows.table.shape[1]
        parts = parts.reshape(*parts.shape[:-2], size, -1, parts.shape[-1]).mT
        return parts.reshape(*parts.shape[:-3], -1, parts.shape[-1])

    def forward(self, weights, x):
        kernel, *bias = weights
        patches = self.in_rows(look_up(self.split(x), self.windows.table))  # (1)
        z = patches @ self.split_columns(kernel)  # (2)
        if self.use_bias:
            z = z + self.split_columns(bias[0])  # (3)
        z = self.merge(z).reshape(*self.leading(x), -1, *self.output_shape)
        y = self.activation.forward(z)  # (4)
        return y, (patches, z, y)

    def backward(self, weights, kept, yb):
        kernel, *_ = weights
        zb, gradients = self.back_to_z(kept, yb)  # (5)-(7)
        taken = self.in_rows(look_up(self.split(zb), self.windows.back))  # (8)
        xb = self.merge(taken @ self.turned(kernel))  # (9)
        return xb.reshape(*self.leading(yb), -1, *self.input_shape), gradients

    def weights_back(self, weights, kept, yb):
        return self.back_to_z(kept, yb)[1]

    def back_to_z(self, kept, yb):
        """Return the gradient of z, and a tuple of those of the weights."""
        patches, z, y = kept
        zb = self.activation.backward(yb, z, y)
        parts = self.split(zb)
        of_windows = parts.reshape(*parts.shape[:-3], -1, parts.shape[-1])
        kernelb = self.merge(patches.mT @ of_windows)
        biasb = np.sum(self.rows(zb), axis=-2, keepdims=True)
        return zb, (kernelb, biasb) if self.use_bias else (kernelb,)


class Conv1D(Convolution):
    """One axis of places, for example time: input_shape (steps, channels)."""


class Conv2D(Convolution):
    """Two axes of places: input_shape (height, width, channels)."""


class Conv3D(Convolution):
    """Three axes of places: input_shape (depth, height, width, channels)."""
