"""Layers: ``forward`` from weights and inputs to outputs, ``backward`` back again."""

from refimpl.layers.convolution import Conv1D, Conv2D, Conv3D
from refimpl.layers.convolution_transpose import (
    Conv1DTranspose,
    Conv2DTranspose,
    Conv3DTranspose,
)
from refimpl.layers.dense import Dense
from refimpl.layers.depthwise_convolution import DepthwiseConv1D, DepthwiseConv2D
from refimpl.layers.flatten import Flatten
from refimpl.layers.reshape import Reshape
from refimpl.layers.separable_convolution import SeparableConv1D, SeparableConv2D

__all__ = [
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "Dense",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Flatten",
    "Reshape",
    "SeparableConv1D",
    "SeparableConv2D",
]
