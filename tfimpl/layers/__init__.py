"""Layers: ``forward`` from weights and inputs to outputs, ``backward`` back again."""

from tfimpl.layers.chain import Chain
from tfimpl.layers.dense import Dense
from tfimpl.layers.flatten import Flatten
from tfimpl.layers.reshape import Reshape

__all__ = [
    "Chain",
    "Dense",
    "Flatten",
    "Reshape",
]
