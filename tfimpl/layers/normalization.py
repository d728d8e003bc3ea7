"""What batch, layer and group normalization share: moments, scale and shift."""

from dataclasses import dataclass
from math import prod

import tensorflow as tf

from tfimpl.layers.layer import Layer

SMALL = 1e-7  # keras.config.epsilon(), which keeps a mean of nothing from 0 / 0


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

    def count(self, x, counts=None):
        """Return of how many numbers a moment is; where some do not count, SMALL more."""
        if counts is None:
            return prod(x.shape[axis] for axis in self.over)
        ones = tf.where(counts, tf.ones_like(x), tf.zeros_like(x))
        return tf.reduce_sum(ones, axis=self.over, keepdims=True) + SMALL  # (1)

    def moments(self, x, counts=None):
        """Return mean and variance, with axes of size 1 where they were taken."""
        n = self.count(x, counts)
        if counts is None:
            mean = tf.reduce_sum(x, axis=self.over, keepdims=True) / n  # (2)
            square = tf.square(x - mean)  # (3)
        else:
            nothing = tf.zeros_like(x)
            counted = tf.where(counts, x, nothing)
            mean = tf.reduce_sum(counted, axis=self.over, keepdims=True) / n  # (4)
            square = tf.square(tf.where(counts, x - mean, nothing))  # (5)
        return mean, tf.reduce_sum(square, axis=self.over, keepdims=True) / n  # (6)

    def normalize(self, weights, x, mean, variance, counts=None):
        """Return y, and what the way back needs."""
        r = tf.math.rsqrt(variance + self.epsilon)  # (7)
        return self.folded(weights, x, mean, r, counts)

    def folded(self, weights, x, mean, r, counts=None):
        """Return the same of the mean and of one over the root of the variance."""
        gamma, beta = self.gamma_and_beta(weights)
        inv = r * gamma if self.scale else r  # (8)
        shift = -mean * inv  # (9)
        shift = shift + beta if self.center else shift  # (10)
        return x * inv + shift, (x,)  # (11)

    def normalize_back(self, weights, kept, yb, of_x=True):
        """Return the gradient of x, and a tuple of those of the weights.

        of_x: the tape knows whether mean and variance are those of x.
        """
        x, *mask = kept
        return self.pull_back(weights, x, yb, *mask)  # (12)-(26)
