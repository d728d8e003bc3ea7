"""The mean of each channel (Lin, Chen and Yan 2014, "Network in network", 3.2)."""

from dataclasses import dataclass

import keras
import tensorflow as tf

from tfimpl.layers.layer import Layer
from tfimpl.layers.windows import in_one_axis


@dataclass(frozen=True)
class GlobalAveragePooling(Layer):
    """Keras: ``GlobalAveragePooling1D``, ``2D`` and ``3D``."""

    keepdims: bool = False

    @property
    def output_shape(self):
        *places, channels = self.input_shape
        return (*(1 for _ in places if self.keepdims), channels)

    def forward(self, weights, x):
        places = in_one_axis(x, len(self.input_shape) - 1)
        y = tf.reduce_mean(places, axis=-2)  # (1)
        return tf.reshape(y, (*places.shape[:-2], *self.output_shape)), x

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (2)

    def keras(self, dtype):
        kind = getattr(keras.layers, type(self).__name__)
        return kind(keepdims=self.keepdims, dtype=dtype)


class GlobalAveragePooling1D(GlobalAveragePooling):
    """Keras: ``GlobalAveragePooling1D``."""


class GlobalAveragePooling2D(GlobalAveragePooling):
    """Keras: ``GlobalAveragePooling2D``."""


class GlobalAveragePooling3D(GlobalAveragePooling):
    """Keras: ``GlobalAveragePooling3D``."""
