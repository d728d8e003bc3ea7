"""Layers: ``forward`` from weights and inputs to outputs, ``backward`` back again."""

from refimpl.layers.chain import Chain
from refimpl.layers.dense import Dense
from refimpl.layers.flatten import Flatten
from refimpl.layers.reshape import Reshape

__all__ = [
    "Chain",
    "Dense",
    "Flatten",
    "Reshape",
]
