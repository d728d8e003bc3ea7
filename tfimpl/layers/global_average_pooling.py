"""The mean of each channel (Lin, Chen and Yan 2014, "Network in network", 3.2)."""

from dataclasses import dataclass
from typing import ClassVar

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

    def forward(self, weights, x, mask=None):
        places = in_one_axis(x, len(self.input_shape) - 1)
        if mask is None:
            y = tf.reduce_mean(places, axis=-2)  # (1)
        else:
            counts = mask[..., None] > 0
            zeros = tf.zeros_like(x)
            n = tf.reduce_sum(tf.where(counts, tf.ones_like(x), zeros), axis=-2)  # (2)
            y = tf.reduce_sum(tf.where(counts, x, zeros), axis=-2) / n  # (3)
        return tf.reshape(y, (*places.shape[:-2], *self.output_shape)), (x, mask)

    def backward(self, weights, kept, yb):
        x, mask = kept
        return self.pull_back(weights, x, yb, *(() if mask is None else (mask,)))  # (4)-(5)


class GlobalAveragePooling1D(GlobalAveragePooling):
    """Keras: ``GlobalAveragePooling1D``."""

    takes_mask: ClassVar = True


class GlobalAveragePooling2D(GlobalAveragePooling):
    """Keras: ``GlobalAveragePooling2D``."""


class GlobalAveragePooling3D(GlobalAveragePooling):
    """Keras: ``GlobalAveragePooling3D``."""
