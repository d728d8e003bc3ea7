"""Group normalization (Wu and He 2018, (1)-(7))."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.layers.normalization import Normalization


@dataclass(frozen=True)
class GroupNormalization(Normalization):
    """Keras: ``GroupNormalization``."""

    groups: int = 32
    axis: int = -1
    epsilon: float = 1e-3
    center: bool = True
    scale: bool = True

    passes_mask: ClassVar = True

    @property
    def place(self):
        """The place of the channels among the axes of a sample."""
        return self.axis % (len(self.input_shape) + 1) - 1

    @property
    def sizes(self):
        return (self.input_shape[self.place],)

    @property
    def in_groups(self):
        """The shape of a sample with (groups, channels of a group) for its channels."""
        (channels,) = self.sizes
        groups = channels if self.groups == -1 else self.groups
        before, after = self.input_shape[: self.place], self.input_shape[self.place + 1 :]
        return (*before, groups, channels // groups, *after)

    @property
    def spread(self):
        here = (self.place, self.place + 1)
        return (1, *(n if k in here else 1 for k, n in enumerate(self.in_groups)))

    @property
    def over(self):
        rank = len(self.in_groups)
        return tuple(k - rank for k in range(rank) if k != self.place)

    def forward(self, weights, x):
        grouped = tf.reshape(x, (*self.leading(x), -1, *self.in_groups))  # (1)
        mean, variance = self.moments(grouped)  # (2)
        y, kept = self.normalize(weights, grouped, mean, variance)  # (3)
        return tf.reshape(y, x.shape), x

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (4)-(5)
