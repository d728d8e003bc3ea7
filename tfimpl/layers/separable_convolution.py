"""A convolution in two: every channel by itself, then all channels of a place."""

from dataclasses import dataclass
from typing import Any

from tfimpl.activations import Linear
from tfimpl.layers.convolution import Convolution
from tfimpl.layers.depthwise_convolution import DepthwiseConvolution
from tfimpl.layers.layer import Layer


@dataclass(frozen=True)
class SeparableConvolution(Layer):
    """Keras: ``SeparableConv1D`` and ``SeparableConv2D``."""

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
        h, _ = self.depthwise.forward((depthwise,), x)  # (1)
        y, _ = self.pointwise.forward(pointwise, h)  # (2)
        return y, x

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (3)-(4)


class SeparableConv1D(SeparableConvolution):
    """Keras: ``SeparableConv1D``."""


class SeparableConv2D(SeparableConvolution):
    """Keras: ``SeparableConv2D``."""
