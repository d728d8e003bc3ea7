"""A convolution of every channel by itself (Howard et al. 2017, "MobileNets", 3.1)."""

from dataclasses import dataclass
from math import prod
from typing import Any

import tensorflow as tf

from tfimpl.activations import Linear
from tfimpl.layers.convolution import Convolution
from tfimpl.layers.layer import Layer
from tfimpl.layers.windows import per_axis


@dataclass(frozen=True)
class DepthwiseConvolution(Layer):
    """Keras: ``DepthwiseConv1D`` and ``DepthwiseConv2D``."""

    kernel_size: Any
    strides: Any = 1
    padding: str = "valid"
    depth_multiplier: int = 1
    dilation_rate: Any = 1
    activation: Any = Linear()
    use_bias: bool = True

    @property
    def grouped(self):
        """The convolution in groups of one channel."""
        channels = self.input_shape[-1]
        return Convolution(
            channels * self.depth_multiplier,
            self.kernel_size,
            self.strides,
            self.padding,
            self.dilation_rate,
            channels,
            self.activation,
            self.use_bias,
            input_shape=self.input_shape,
        )

    @property
    def weight_names(self):
        return ("kernel", "bias") if self.use_bias else ("kernel",)

    @property
    def weight_shapes(self):
        *places, channels = self.input_shape
        size = prod(per_axis(self.kernel_size, len(places)))
        kernel = (size * channels, self.depth_multiplier)
        bias = (1, channels * self.depth_multiplier)
        return (kernel, bias) if self.use_bias else (kernel,)

    @property
    def output_shape(self):
        return self.grouped.output_shape

    def in_groups(self, kernel):
        """Return (..., kernel places, channels * depth_multiplier)."""
        return tf.reshape(kernel, (*kernel.shape[:-2], -1, self.grouped.filters))

    def forward(self, weights, x):
        kernel, *bias = weights
        return self.grouped.forward((self.in_groups(kernel), *bias), x)  # (1)

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (2)-(3)


class DepthwiseConv1D(DepthwiseConvolution):
    """Keras: ``DepthwiseConv1D``."""


class DepthwiseConv2D(DepthwiseConvolution):
    """Keras: ``DepthwiseConv2D``."""
