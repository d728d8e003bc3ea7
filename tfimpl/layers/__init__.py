"""Layers: ``forward`` from weights and inputs to outputs, ``backward`` back again."""

from tfimpl.layers.bidirectional import Bidirectional
from tfimpl.layers.dense import Dense
from tfimpl.layers.embedding import Embedding
from tfimpl.layers.flatten import Flatten
from tfimpl.layers.gru import GRU
from tfimpl.layers.lstm import LSTM
from tfimpl.layers.masking import Masking
from tfimpl.layers.repeat_vector import RepeatVector
from tfimpl.layers.reshape import Reshape
from tfimpl.layers.simple_rnn import SimpleRNN
from tfimpl.layers.time_distributed import TimeDistributed

__all__ = [
    "GRU",
    "LSTM",
    "Bidirectional",
    "Dense",
    "Embedding",
    "Flatten",
    "Masking",
    "RepeatVector",
    "Reshape",
    "SimpleRNN",
    "TimeDistributed",
]
