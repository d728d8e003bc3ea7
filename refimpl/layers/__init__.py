"""Layers: ``forward`` from weights and inputs to outputs, ``backward`` back again."""

from refimpl.layers.convolution import Conv1D, Conv2D, Conv3D
from refimpl.layers.dense import Dense
from refimpl.layers.flatten import Flatten
from refimpl.layers.reshape import Reshape

__all__ = [
    "Conv1D",
    "Conv2D",
    "Conv3D",
    "Dense",
    "Flatten",
    "Reshape",
]
