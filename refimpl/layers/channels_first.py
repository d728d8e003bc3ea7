"""The option data_format="channels_first" of layers whose samples have places."""

from dataclasses import dataclass

import numpy as np

from refimpl.layers.wrapper import Wrapper


@dataclass(frozen=True)
class ChannelsFirst(Wrapper):
    """A layer whose channels stand in front of the places of a sample, not behind them.

        x (..., batch, channels, *places) -> y (..., batch, filters, *windows)

    Its kernel is the same; so is what it computes, with one axis moved.  A layer without
    places in its output, as Flatten, has no axis to move back.

    layer: as it is with channels_last.
    """

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
        return np.moveaxis(x, -axes, -1)  # (1)

    def first(self, y, axes):
        """Return y with the channels in front again."""
        return np.moveaxis(y, -1, -axes)  # (2)

    def forward(self, weights, x):
        y, kept = self.inner.forward(weights, self.last(x, len(self.input_shape)))  # (3)
        return self.first(y, len(self.output_shape)), (kept,)  # (4)

    def penalties_back(self, kept):
        axes = len(self.output_shape)
        return tuple(self.first(part, axes) for part in super().penalties_back(kept))

    def backward(self, weights, kept, yb):
        yb = self.last(yb, len(self.output_shape))
        xb, gradients = self.inner.backward(weights, kept[0], yb)  # (5)
        return self.first(xb, len(self.input_shape)), gradients  # (6)
