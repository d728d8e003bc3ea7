"""Layers: ``forward`` from weights and inputs to outputs, ``backward`` back again."""

from refimpl.layers.batch_normalization import BatchNormalization
from refimpl.layers.dense import Dense
from refimpl.layers.dropout import Dropout
from refimpl.layers.flatten import Flatten
from refimpl.layers.group_normalization import GroupNormalization
from refimpl.layers.layer_normalization import LayerNormalization
from refimpl.layers.reshape import Reshape
from refimpl.layers.rms_normalization import RMSNormalization
from refimpl.layers.spatial_dropout_1d import SpatialDropout1D
from refimpl.layers.unit_normalization import UnitNormalization

__all__ = [
    "BatchNormalization",
    "Dense",
    "Dropout",
    "Flatten",
    "GroupNormalization",
    "LayerNormalization",
    "RMSNormalization",
    "Reshape",
    "SpatialDropout1D",
    "UnitNormalization",
]
