"""A convolution of every channel by itself (Howard et al. 2017, "MobileNets", 3.1)."""

from dataclasses import dataclass
from math import prod
from typing import Any

from refimpl.activations import Linear
from refimpl.layers.convolution import Convolution
from refimpl.layers.layer import Layer
from refimpl.layers.windows import per_axis


@dataclass(frozen=True)
class DepthwiseConvolution(Layer):
    """z[r, c m] = sum_k x[place(r, k), c] kernel[k c, m] + bias[c m]; y = activation(z).

    x (..., batch, *places, channels) -> y (..., batch, *windows, channels m),
    kernel (kernel places * channels, depth_multiplier), bias (1, channels *
    depth_multiplier).

    It is the convolution in as many groups as there are channels, whose kernel has the same
    numbers in the same order, as (kernel places, channels * depth_multiplier).
    """

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
        return kernel.reshape(*kernel.shape[:-2], -1, self.grouped.filters)

    def forward(self, weights, x):
        kernel, *bias = weights
        return self.grouped.forward((self.in_groups(kernel), *bias), x)  # (1)

    def backward(self, weights, kept, yb):
        kernel, *bias = weights
        of_groups = (self.in_groups(kernel), *bias)
        xb, (kernelb, *biasb) = self.grouped.backward(of_groups, kept, yb)  # (2)
        return xb, (kernelb.reshape(*kernel.shape), *biasb)  # (3)

    def weights_back(self, weights, kept, yb):
        kernel, *_ = weights
        _, (kernelb, *biasb) = self.grouped.back_to_z(kept, yb)
        return kernelb.reshape(*kernel.shape), *biasb


class DepthwiseConv1D(DepthwiseConvolution):
    """One axis of places: input_shape (steps, channels)."""


class DepthwiseConv2D(DepthwiseConvolution):
    """Two axes of places: input_shape (height, width, channels)."""
