"""The option data_format="channels_first" of layers whose samples have places."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow.experimental.numpy as tnp

from tfimpl.layers.wrapper import Wrapper


@dataclass(frozen=True)
class ChannelsFirst(Wrapper):
    """Keras: a layer with ``data_format="channels_first"``."""

    in_keras: ClassVar = None

    @property
    def inner(self):
        channels, *places = self.input_shape
        return self.layer.build((*places, channels))

    @property
    def output_shape(self):
        *places, channels = self.inner.output_shape
        return (channels, *places)

    def last(self, x, axes):
        """Return x with the channels, the first of so many axes, behind the others."""
        return tnp.moveaxis(x, -axes, -1)  # (1)

    def first(self, y, axes):
        """Return y with the channels in front again."""
        return tnp.moveaxis(y, -1, -axes)  # (2)

    def forward(self, weights, x):
        y, kept = self.inner.forward(weights, self.last(x, len(self.input_shape)))  # (3)
        return self.first(y, len(self.output_shape)), (kept, x)  # (4)

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept[1], yb)  # (5)-(6)

    def keras(self, dtype):
        return self._with({"data_format": "channels_first"}, dtype)
