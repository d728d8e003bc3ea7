"""The transposed convolution, which makes more places of few (seed 000, 6-5, 6-6)."""

from dataclasses import dataclass
from math import prod
from typing import Any

import tensorflow as tf

from tfimpl.activations import Linear
from tfimpl.layers.layer import Layer
from tfimpl.layers.windows import in_one_axis, look_up, per_axis, windows


@dataclass(frozen=True)
class ConvolutionTranspose(Layer):
    """Keras: ``Conv1DTranspose``, ``Conv2DTranspose`` and ``Conv3DTranspose``."""

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
        return tf.reshape(seen, (*seen.shape[:-4], -1, seen.shape[-2] * seen.shape[-1]))

    def turned(self, kernel):
        """Return (..., kernel places * channels, filters)."""
        parts = (*kernel.shape[:-2], -1, self.filters, kernel.shape[-1])
        parts = tf.linalg.matrix_transpose(tf.reshape(kernel, parts))
        return tf.reshape(parts, (*kernel.shape[:-2], -1, self.filters))

    def forward(self, weights, x):
        kernel, *bias = weights
        z = self.under(x, self.windows.back) @ self.turned(kernel)  # (2)
        if self.use_bias:
            z = z + bias[0]  # (3)
        z = tf.reshape(z, (*self.leading(x), -1, *self.output_shape))
        y = self.activation.forward(z)  # (4)
        return y, x

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (5)-(9)


class Conv1DTranspose(ConvolutionTranspose):
    """Keras: ``Conv1DTranspose``."""


class Conv2DTranspose(ConvolutionTranspose):
    """Keras: ``Conv2DTranspose``."""


class Conv3DTranspose(ConvolutionTranspose):
    """Keras: ``Conv3DTranspose``."""
