"""A convolution in two: every channel by itself, then all channels of a place.

Sifre 2014; Chollet 2017, "Xception", 1.
"""

from dataclasses import dataclass
from typing import Any

from refimpl.activations import Linear
from refimpl.layers.convolution import Convolution
from refimpl.layers.depthwise_convolution import DepthwiseConvolution
from refimpl.layers.layer import Layer


@dataclass(frozen=True)
class SeparableConvolution(Layer):
    """y = activation(depthwise(x) pointwise_kernel + bias); nothing between the two.

    x (..., batch, *places, channels) -> y (..., batch, *windows, filters); depthwise_kernel
    (kernel places * channels, depth_multiplier), pointwise_kernel (channels *
    depth_multiplier, filters), bias (1, filters).
    """

    filters: int
    kernel_size: Any
    strides: Any = 1
    padding: str = "valid"
    dilation_rate: Any = 1
    depth_multiplier: int = 1
    activation: Any = Linear()
    use_bias: bool = True

    @property
    def depthwise(self):
        """Every channel by itself."""
        return DepthwiseConvolution(
            self.kernel_size,
            self.strides,
            self.padding,
            self.depth_multiplier,
            self.dilation_rate,
            use_bias=False,
            input_shape=self.input_shape,
        )

    @property
    def pointwise(self):
        """All channels of a place: a convolution whose kernel has one place."""
        convolution = Convolution(
            self.filters, 1, activation=self.activation, use_bias=self.use_bias
        )
        return convolution.build(self.depthwise.output_shape)

    @property
    def weight_names(self):
        kernels = ("depthwise_kernel", "pointwise_kernel")
        return (*kernels, "bias") if self.use_bias else kernels

    @property
    def weight_shapes(self):
        return (*self.depthwise.weight_shapes, *self.pointwise.weight_shapes)

    @property
    def output_shape(self):
        return self.pointwise.output_shape

    def forward(self, weights, x):
        depthwise, *pointwise = weights
        h, of_depthwise = self.depthwise.forward((depthwise,), x)  # (1)
        y, of_pointwise = self.pointwise.forward(pointwise, h)  # (2)
        return y, (of_depthwise, of_pointwise)

    def backward(self, weights, kept, yb):
        depthwise, *pointwise = weights
        of_depthwise, of_pointwise = kept
        hb, gradients = self.pointwise.backward(pointwise, of_pointwise, yb)  # (3)
        xb, (kernelb,) = self.depthwise.backward((depthwise,), of_depthwise, hb)  # (4)
        return xb, (kernelb, *gradients)


class SeparableConv1D(SeparableConvolution):
    """One axis of places: input_shape (steps, channels)."""


class SeparableConv2D(SeparableConvolution):
    """Two axes of places: input_shape (height, width, channels)."""
