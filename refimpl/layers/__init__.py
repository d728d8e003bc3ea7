"""Layers: ``forward`` from weights and inputs to outputs, ``backward`` back again."""

from refimpl.layers.dense import Dense
from refimpl.layers.flatten import Flatten
from refimpl.layers.gru import GRU
from refimpl.layers.lstm import LSTM
from refimpl.layers.reshape import Reshape
from refimpl.layers.simple_rnn import SimpleRNN

__all__ = [
    "GRU",
    "LSTM",
    "Dense",
    "Flatten",
    "Reshape",
    "SimpleRNN",
]
