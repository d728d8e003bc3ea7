"""Batch normalization (Ioffe and Szegedy 2015, Algorithms 1 and 2)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.layers.normalization import Normalization


@dataclass(frozen=True)
class BatchNormalization(Normalization):
    """Every feature is normalized over the batch and all places.

        moving <- momentum moving + (1 - momentum) of this batch

    of the mean and of the biased variance (the paper's Algorithm 2 takes the unbiased).

    axis: of the features, counted with the batch as 0.
    moving_mean, moving_variance: what every feature starts from.
    mask: (..., batch, *places), 1 for the places that mean and variance are of; all are
        normalized.
    training: False normalizes with the moving statistics, which then stay as they are and
        hand no gradient on.
    """

    axis: int = -1
    momentum: float = 0.99
    epsilon: float = 1e-3
    center: bool = True
    scale: bool = True
    moving_mean: float = 0.0
    moving_variance: float = 1.0
    training: bool = True

    state_names: ClassVar = ("moving_mean", "moving_variance")
    takes_mask: ClassVar = True
    passes_mask: ClassVar = True

    @property
    def feature_axis(self):
        """The axis of the features, counted from the last."""
        rank = len(self.input_shape) + 1
        return self.axis % rank - rank

    @property
    def sizes(self):
        return (self.input_shape[self.feature_axis],)

    @property
    def spread(self):
        axes = range(-len(self.input_shape), 0)
        features = self.feature_axis
        return (1, *(self.input_shape[k] if k == features else 1 for k in axes))

    @property
    def over(self):
        axes = range(-len(self.input_shape) - 1, 0)
        return tuple(axis for axis in axes if axis != self.feature_axis)

    def beside(self, moving):
        """Return a moving statistic in the axes of x."""
        return moving.reshape(*moving.shape[:-2], *self.spread)

    def start_states(self):
        ones = np.ones((1, *self.sizes))
        return self.moving_mean * ones, self.moving_variance * ones

    def next_states(self, kept):
        _, batch, moving = kept
        if not self.training:
            return moving
        keep = self.momentum
        each = zip(moving, batch)
        return tuple(m * keep + b.reshape(*m.shape) * (1 - keep) for m, b in each)  # (1)

    def forward(self, weights, x, mask=None):
        *weights, moving_mean, moving_variance = weights
        moving = moving_mean, moving_variance
        counts = None if mask is None else mask[..., None] > 0
        if self.training:
            mean, variance = self.moments(x, counts)  # (2)
        else:
            mean, variance = map(self.beside, moving)  # (3)
        y, kept = self.normalize(weights, x, mean, variance, counts)  # (4)
        return y, (kept, (mean, variance), moving)

    def backward(self, weights, kept, yb):
        kept, *_ = kept
        return self.normalize_back(weights, kept, yb, of_x=self.training)  # (5)

    def weights_back(self, weights, kept, yb):
        return self.normalize_back(weights, kept[0], yb, of_x=False)[1]
