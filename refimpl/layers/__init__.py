"""Layers: ``forward`` from weights and inputs to outputs, ``backward`` back again."""

from refimpl.layers.bidirectional import Bidirectional
from refimpl.layers.dense import Dense
from refimpl.layers.embedding import Embedding
from refimpl.layers.flatten import Flatten
from refimpl.layers.gru import GRU
from refimpl.layers.lstm import LSTM
from refimpl.layers.masking import Masking
from refimpl.layers.repeat_vector import RepeatVector
from refimpl.layers.reshape import Reshape
from refimpl.layers.simple_rnn import SimpleRNN
from refimpl.layers.time_distributed import TimeDistributed

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
