"""The largest number of each channel."""

from dataclasses import dataclass

import tensorflow as tf

from tfimpl.layers.layer import Layer
from tfimpl.layers.windows import in_one_axis


@dataclass(frozen=True)
class GlobalMaxPooling(Layer):
    """Keras: ``GlobalMaxPooling1D``, ``GlobalMaxPooling2D`` and ``GlobalMaxPooling3D``."""

    keepdims: bool = False

    @property
    def output_shape(self):
        *places, channels = self.input_shape
        return (*(1 for _ in places if self.keepdims), channels)

    def largest(self, x):
        """Say which of (..., places, channels) are the largest."""
        return x == tf.reduce_max(x, axis=-2, keepdims=True)

    def forward(self, weights, x):
        places = in_one_axis(x, len(self.input_shape) - 1)
        y = tf.reduce_max(places, axis=-2)  # (1)
        return tf.reshape(y, (*places.shape[:-2], *self.output_shape)), x

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (2)-(4)


class GlobalMaxPooling1D(GlobalMaxPooling):
    """Keras: ``GlobalMaxPooling1D``."""


class GlobalMaxPooling2D(GlobalMaxPooling):
    """Keras: ``GlobalMaxPooling2D``."""


class GlobalMaxPooling3D(GlobalMaxPooling):
    """Keras: ``GlobalMaxPooling3D``."""
