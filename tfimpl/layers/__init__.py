"""Layers: ``forward`` from weights and inputs to outputs, ``backward`` back again."""

from tfimpl.layers.dense import Dense
from tfimpl.layers.flatten import Flatten
from tfimpl.layers.gru import GRU
from tfimpl.layers.lstm import LSTM
from tfimpl.layers.reshape import Reshape
from tfimpl.layers.simple_rnn import SimpleRNN

__all__ = [
    "GRU",
    "LSTM",
    "Dense",
    "Flatten",
    "Reshape",
    "SimpleRNN",
]
