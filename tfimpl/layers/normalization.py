"""What batch, layer and group normalization share: moments, scale and shift."""

from dataclasses import dataclass
from math import prod

import tensorflow as tf

from tfimpl.layers.layer import Layer


@dataclass(frozen=True)
class Normalization(Layer):
    """(x - mean) / sqrt(variance + epsilon) gamma + beta, folded into one product."""

    @property
    def weight_names(self):
        return ("gamma",) * self.scale + ("beta",) * self.center

    @property
    def weight_shapes(self):
        *rows, last = self.sizes
        return ((prod(rows), last),) * len(self.weight_names)

    def gamma_and_beta(self, weights):
        """Return gamma and beta in the axes of x, None for what the layer has not."""
        named = zip(self.weight_names, weights)
        found = {name: tf.reshape(w, (*w.shape[:-2], *self.spread)) for name, w in named}
        return found.get("gamma"), found.get("beta")

    def moments(self, x):
        """Return mean and variance, with axes of size 1 where they were taken."""
        n = prod(x.shape[axis] for axis in self.over)
        mean = tf.reduce_sum(x, axis=self.over, keepdims=True) / n  # (1)
        square = tf.square(x - mean)  # (2)
        return mean, tf.reduce_sum(square, axis=self.over, keepdims=True) / n  # (3)

    def normalize(self, weights, x, mean, variance):
        """Return y, and what the way back needs."""
        gamma, beta = self.gamma_and_beta(weights)
        r = tf.math.rsqrt(variance + self.epsilon)  # (4)
        inv = r * gamma if self.scale else r  # (5)
        shift = -mean * inv  # (6)
        shift = shift + beta if self.center else shift  # (7)
        return x * inv + shift, x  # (8)

    def normalize_back(self, weights, kept, yb, of_x=True):
        """Return the gradient of x, and a tuple of those of the weights.

        of_x: the tape knows whether mean and variance are those of x.
        """
        return self.pull_back(weights, kept, yb)  # (9)-(20)
