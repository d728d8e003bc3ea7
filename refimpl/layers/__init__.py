"""Layers: ``forward`` from weights and inputs to outputs, ``backward`` back again."""

from refimpl.layers.add import Add
from refimpl.layers.additive_attention import AdditiveAttention
from refimpl.layers.alpha_dropout import AlphaDropout
from refimpl.layers.attention import Attention
from refimpl.layers.average import Average
from refimpl.layers.average_pooling import (
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
)
from refimpl.layers.batch_normalization import BatchNormalization
from refimpl.layers.bidirectional import Bidirectional
from refimpl.layers.chain import Chain
from refimpl.layers.channels_first import ChannelsFirst
from refimpl.layers.concatenate import Concatenate
from refimpl.layers.constrained import Constrained
from refimpl.layers.convolution import Conv1D, Conv2D, Conv3D
from refimpl.layers.convolution_transpose import (
    Conv1DTranspose,
    Conv2DTranspose,
    Conv3DTranspose,
)
from refimpl.layers.cropping import Cropping1D, Cropping2D, Cropping3D
from refimpl.layers.dense import Dense
from refimpl.layers.depthwise_convolution import DepthwiseConv1D, DepthwiseConv2D
from refimpl.layers.dot import Dot
from refimpl.layers.dropout import Dropout
from refimpl.layers.einsum_dense import EinsumDense
from refimpl.layers.embedding import Embedding
from refimpl.layers.flatten import Flatten
from refimpl.layers.frozen import Frozen
from refimpl.layers.gaussian_dropout import GaussianDropout
from refimpl.layers.gaussian_noise import GaussianNoise
from refimpl.layers.global_average_pooling import (
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
)
from refimpl.layers.global_max_pooling import (
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalMaxPooling3D,
)
from refimpl.layers.group_normalization import GroupNormalization
from refimpl.layers.gru import GRU
from refimpl.layers.layer_normalization import LayerNormalization
from refimpl.layers.lstm import LSTM
from refimpl.layers.masking import Masking
from refimpl.layers.max_pooling import MaxPooling1D, MaxPooling2D, MaxPooling3D
from refimpl.layers.maximum import Maximum
from refimpl.layers.minimum import Minimum
from refimpl.layers.multi_head_attention import MultiHeadAttention
from refimpl.layers.multiply import Multiply
from refimpl.layers.permute import Permute
from refimpl.layers.prelu import PReLU
from refimpl.layers.regularized import Regularized
from refimpl.layers.repeat_vector import RepeatVector
from refimpl.layers.rescaling import Rescaling
from refimpl.layers.reshape import Reshape
from refimpl.layers.rms_normalization import RMSNormalization
from refimpl.layers.separable_convolution import SeparableConv1D, SeparableConv2D
from refimpl.layers.simple_rnn import SimpleRNN
from refimpl.layers.spatial_dropout import (
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
)
from refimpl.layers.subtract import Subtract
from refimpl.layers.time_distributed import TimeDistributed
from refimpl.layers.unit_normalization import UnitNormalization
from refimpl.layers.up_sampling import UpSampling1D, UpSampling2D, UpSampling3D
from refimpl.layers.zero_padding import ZeroPadding1D, ZeroPadding2D, ZeroPadding3D

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
