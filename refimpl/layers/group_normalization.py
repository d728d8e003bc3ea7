"""Group normalization (Wu and He 2018, (1)-(7))."""

from dataclasses import dataclass
from typing import ClassVar

from refimpl.layers.normalization import Normalization


@dataclass(frozen=True)
class GroupNormalization(Normalization):
    """The channels of a sample in groups; each group is normalized with all its places.

    gamma and beta are of each channel.

    groups: how many; -1 makes every channel a group of its own, as instance normalization.
    axis: of the channels, counted with the batch as 0.
    """

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
        grouped = x.reshape(*self.leading(x), -1, *self.in_groups)  # (1)
        mean, variance = self.moments(grouped)  # (2)
        y, kept = self.normalize(weights, grouped, mean, variance)  # (3)
        return y.reshape(*x.shape), (x, kept)

    def backward(self, weights, kept, yb):
        x, kept = kept
        grouped = yb.reshape(*self.leading(x), -1, *self.in_groups)  # (4)
        xb, gradients = self.normalize_back(weights, kept, grouped)  # (5)
        return xb.reshape(*x.shape), gradients
