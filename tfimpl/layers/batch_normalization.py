"""Batch normalization (Ioffe and Szegedy 2015, Algorithms 1 and 2)."""

from dataclasses import dataclass
from typing import ClassVar

import keras
import tensorflow as tf

from tfimpl.counterpart import Counterpart, keras_object
from tfimpl.layers.normalization import Normalization


@dataclass(frozen=True)
class BatchNormalization(Normalization):
    """Keras: ``BatchNormalization``; where not ``training``, called with training=False."""

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
    in_keras: ClassVar = Counterpart(without=("moving_mean", "moving_variance", "training"))

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
        return tf.reshape(moving, (*moving.shape[:-2], *self.spread))

    def start_states(self):
        ones = tf.ones((1, *self.sizes))
        return self.moving_mean * ones, self.moving_variance * ones

    def next_states(self, kept):
        _, batch, moving = kept
        if not self.training:
            return moving
        keep = self.momentum
        each = zip(moving, batch)
        return tuple(m * keep + tf.reshape(b, m.shape) * (1 - keep) for m, b in each)  # (1)

    def forward(self, weights, x, mask=None):
        *weights, moving_mean, moving_variance = weights
        moving = moving_mean, moving_variance
        counts = None if mask is None else mask[..., None] > 0
        if self.training:
            mean, variance = self.moments(x, counts)  # (2)
        else:
            mean, variance = map(self.beside, moving)  # (3)
        y, kept = self.normalize(weights, x, mean, variance, counts)  # (4)
        kept = kept if mask is None else (*kept, mask)
        return y, (kept, (mean, variance), moving)

    def backward(self, weights, kept, yb):
        kept, *_ = kept
        return self.normalize_back(weights, kept, yb, of_x=self.training)  # (5)

    def keras(self, dtype):
        starts = {
            "moving_mean": self.moving_mean,
            "moving_variance": self.moving_variance,
        }
        constant = keras.initializers.Constant
        starts = {f"{k}_initializer": constant(v) for k, v in starts.items()}
        layer = keras_object(self, keras.layers, **starts, dtype=dtype)
        return layer if self.training else InferenceLayer(layer, dtype=dtype)


class InferenceLayer(keras.layers.Layer):
    """A layer that is always called with training=False, as in transfer learning."""

    def __init__(self, layer, **kwargs):
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape):
        self.layer.build(input_shape)

    def call(self, inputs):
        return self.layer(inputs, training=False)
