"""Layers: ``forward`` from weights and inputs to outputs, ``backward`` back again."""

from tfimpl.layers.add import Add
from tfimpl.layers.additive_attention import AdditiveAttention
from tfimpl.layers.alpha_dropout import AlphaDropout
from tfimpl.layers.attention import Attention
from tfimpl.layers.average import Average
from tfimpl.layers.average_pooling import (
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
)
from tfimpl.layers.batch_normalization import BatchNormalization
from tfimpl.layers.bidirectional import Bidirectional
from tfimpl.layers.chain import Chain
from tfimpl.layers.channels_first import ChannelsFirst
from tfimpl.layers.concatenate import Concatenate
from tfimpl.layers.constrained import Constrained
from tfimpl.layers.convolution import Conv1D, Conv2D, Conv3D
from tfimpl.layers.convolution_transpose import (
    Conv1DTranspose,
    Conv2DTranspose,
    Conv3DTranspose,
)
from tfimpl.layers.cropping import Cropping1D, Cropping2D, Cropping3D
from tfimpl.layers.dense import Dense
from tfimpl.layers.depthwise_convolution import DepthwiseConv1D, DepthwiseConv2D
from tfimpl.layers.dot import Dot
from tfimpl.layers.dropout import Dropout
from tfimpl.layers.einsum_dense import EinsumDense
from tfimpl.layers.embedding import Embedding
from tfimpl.layers.flatten import Flatten
from tfimpl.layers.frozen import Frozen
from tfimpl.layers.gaussian_dropout import GaussianDropout
from tfimpl.layers.gaussian_noise import GaussianNoise
from tfimpl.layers.global_average_pooling import (
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
)
from tfimpl.layers.global_max_pooling import (
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalMaxPooling3D,
)
from tfimpl.layers.group_normalization import GroupNormalization
from tfimpl.layers.gru import GRU
from tfimpl.layers.layer_normalization import LayerNormalization
from tfimpl.layers.lstm import LSTM
from tfimpl.layers.masking import Masking
from tfimpl.layers.max_pooling import MaxPooling1D, MaxPooling2D, MaxPooling3D
from tfimpl.layers.maximum import Maximum
from tfimpl.layers.minimum import Minimum
from tfimpl.layers.multi_head_attention import MultiHeadAttention
from tfimpl.layers.multiply import Multiply
from tfimpl.layers.permute import Permute
from tfimpl.layers.prelu import PReLU
from tfimpl.layers.regularized import Regularized
from tfimpl.layers.repeat_vector import RepeatVector
from tfimpl.layers.rescaling import Rescaling
from tfimpl.layers.reshape import Reshape
from tfimpl.layers.rms_normalization import RMSNormalization
from tfimpl.layers.separable_convolution import SeparableConv1D, SeparableConv2D
from tfimpl.layers.simple_rnn import SimpleRNN
from tfimpl.layers.spatial_dropout import (
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
)
from tfimpl.layers.subtract import Subtract
from tfimpl.layers.time_distributed import TimeDistributed
from tfimpl.layers.unit_normalization import UnitNormalization
from tfimpl.layers.up_sampling import UpSampling1D, UpSampling2D, UpSampling3D
from tfimpl.layers.zero_padding import ZeroPadding1D, ZeroPadding2D, ZeroPadding3D

__all__ = [
    "GRU",
    "LSTM",
    "Add",
    "AdditiveAttention",
    "AlphaDropout",
    "Attention",
    "Average",
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "BatchNormalization",
    "Bidirectional",
    "Chain",
    "ChannelsFirst",
    "Concatenate",
    "Constrained",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "Cropping1D",
    "Cropping2D",
    "Cropping3D",
    "Dense",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Dot",
    "Dropout",
    "EinsumDense",
    "Embedding",
    "Flatten",
    "Frozen",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "GroupNormalization",
    "LayerNormalization",
    "Masking",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
    "Maximum",
    "Minimum",
    "MultiHeadAttention",
    "Multiply",
    "PReLU",
    "Permute",
    "RMSNormalization",
    "Regularized",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "SeparableConv1D",
    "SeparableConv2D",
    "SimpleRNN",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "Subtract",
    "TimeDistributed",
    "UnitNormalization",
    "UpSampling1D",
    "UpSampling2D",
    "UpSampling3D",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "ZeroPadding3D",
]
