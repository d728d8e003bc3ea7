"""Rectified linear units that learn their slopes below 0 (He et al. 2015, equation 1)."""

from dataclasses import dataclass
from math import prod
from typing import ClassVar

import tensorflow as tf

from tfimpl.layers.layer import Layer


@dataclass(frozen=True)
class PReLU(Layer):
    """Keras: ``PReLU(shared_axes)``."""

    shared_axes: tuple | None = None

    passes_mask: ClassVar = True
    weight_names: ClassVar = ("alpha",)

    @property
    def alpha_shape(self):
        shared = self.shared_axes or ()
        return tuple(1 if k in shared else n for k, n in enumerate(self.input_shape, 1))

    @property
    def weight_shapes(self):
        *places, channels = self.alpha_shape
        return ((prod(places), channels),)

    def forward(self, weights, x):
        alpha = tf.reshape(weights[0], (*weights[0].shape[:-2], 1, *self.alpha_shape))
        return tf.nn.relu(x) - alpha * tf.nn.relu(-x), x  # (1)

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (2)-(3)
