"""Layers: ``forward`` from weights and inputs to outputs, ``backward`` back again."""

from tfimpl.layers.batch_normalization import BatchNormalization
from tfimpl.layers.dense import Dense
from tfimpl.layers.dropout import Dropout
from tfimpl.layers.flatten import Flatten
from tfimpl.layers.group_normalization import GroupNormalization
from tfimpl.layers.layer_normalization import LayerNormalization
from tfimpl.layers.reshape import Reshape
from tfimpl.layers.rms_normalization import RMSNormalization
from tfimpl.layers.spatial_dropout_1d import SpatialDropout1D
from tfimpl.layers.unit_normalization import UnitNormalization

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
