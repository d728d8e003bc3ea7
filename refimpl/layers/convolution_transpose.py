"""The transposed convolution, which makes more places of few (seed 000, 6-5, 6-6).

It is the way back of a convolution: its outputs are what a kernel would slide over, its
inputs what came out of that (Dumoulin and Visin 2016, "A guide to convolution arithmetic
for deep learning", ch. 4).
"""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from refimpl.activations import Linear
from refimpl.layers.layer import Layer
from refimpl.layers.windows import in_one_axis, look_up, per_axis, windows


@dataclass(frozen=True)
class ConvolutionTranspose(Layer):
    """z[p, f] = sum of x[r, c] kernel[k f, c] over c and all r, k with place(r, k) = p.

    x (..., batch, *places, channels) -> y (..., batch, *more places, filters); kernel
    (kernel places * filters, channels), bias (1, filters); place(r, k) as in Convolution,
    and y = activation(z + bias).

    output_padding: how many places there are behind what the windows reach ("valid"), or
        behind that but for half of the kernel on either side ("same").  None makes them
        places * strides for "same", and at least as many for "valid".
    """

    filters: int
    kernel_size: Any
    strides: Any = 1
    padding: str = "valid"
    output_padding: Any = None
    dilation_rate: Any = 1
    activation: Any = Linear()
    use_bias: bool = True

    @property
    def axes(self):
        """How many axes of places there are."""
        return len(self.input_shape) - 1

    @property
    def counts(self):
        """The number of output places on each axis."""
        size = per_axis(self.kernel_size, self.axes)
        strides = per_axis(self.strides, self.axes)
        dilation = per_axis(self.dilation_rate, self.axes)
        spans = [(k - 1) * d + 1 for k, d in zip(size, dilation)]
        if self.output_padding is not None:
            more = per_axis(self.output_padding, self.axes)
        elif self.padding == "same":
            more = [s - span % 2 for s, span in zip(strides, spans)]
        else:
            more = [max(s - span, 0) for s, span in zip(strides, spans)]
        ends = [span % 2 for span in spans] if self.padding == "same" else spans
        axes = zip(self.input_shape, strides, ends, more)
        return tuple((n - 1) * s + end + m for n, s, end, m in axes)  # (1)

    @property
    def windows(self):
        """The windows over the outputs, one for each input place."""
        return windows(
            self.counts, self.kernel_size, self.strides, self.dilation_rate, self.padding
        )

    @property
    def weight_names(self):
        return ("kernel", "bias") if self.use_bias else ("kernel",)

    @property
    def weight_shapes(self):
        size = prod(per_axis(self.kernel_size, self.axes))
        kernel = (size * self.filters, self.input_shape[-1])
        return (kernel, (1, self.filters)) if self.use_bias else (kernel,)

    @property
    def output_shape(self):
        return (*self.counts, self.filters)

    def under(self, x, table):
        """Return (..., rows, kernel places * channels): a row for each of the table."""
        seen = look_up(in_one_axis(x, self.axes), table)
        return seen.reshape(*seen.shape[:-4], -1, seen.shape[-2] * seen.shape[-1])

    def turned(self, kernel):
        """Return (..., kernel places * channels, filters)."""
        parts = kernel.reshape(*kernel.shape[:-2], -1, self.filters, kernel.shape[-1]).mT
        return parts.reshape(*kernel.shape[:-2], -1, self.filters)

    def forward(self, weights, x):
        kernel, *bias = weights
        z = self.under(x, self.windows.back) @ self.turned(kernel)  # (2)
        if self.use_bias:
            z = z + bias[0]  # (3)
        z = z.reshape(*self.leading(x), -1, *self.output_shape)
        y = self.activation.forward(z)  # (4)
        return y, (x, z, y)

    def backward(self, weights, kept, yb):
        kernel, *_ = weights
        x, z, y = kept
        zb = self.activation.backward(yb, z, y)  # (5)
        patches = self.under(zb, self.windows.table)  # (6)
        kernelb = patches.mT @ self.rows(x)  # (7)
        biasb = np.sum(self.rows(zb), axis=-2, keepdims=True)  # (8)
        xb = (patches @ kernel).reshape(*x.shape)  # (9)
        return xb, (kernelb, biasb) if self.use_bias else (kernelb,)


class Conv1DTranspose(ConvolutionTranspose):
    """One axis of places: input_shape (steps, channels)."""


class Conv2DTranspose(ConvolutionTranspose):
    """Two axes of places: input_shape (height, width, channels)."""


class Conv3DTranspose(ConvolutionTranspose):
    """Three axes of places: input_shape (depth, height, width, channels)."""
