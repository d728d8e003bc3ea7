"""Layers: ``forward`` from weights and inputs to outputs, ``backward`` back again."""

from tfimpl.layers.convolution import Conv1D, Conv2D, Conv3D
from tfimpl.layers.dense import Dense
from tfimpl.layers.flatten import Flatten
from tfimpl.layers.reshape import Reshape

__all__ = [
    "Conv1D",
    "Conv2D",
    "Conv3D",
    "Dense",
    "Flatten",
    "Reshape",
]
