"""Cosine similarity, the wrong way round: -1 where O points where T does."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.gradients import pull_back
from tfimpl.losses.loss import EPSILON, Loss


@dataclass(frozen=True)
class CosineSimilarity(Loss):
    """Keras: ``keras.losses.CosineSimilarity``."""

    name: ClassVar = "cosine_similarity"

    def samples(self, O, T):
        o, t = O * self.inverse(O), T * self.inverse(T)  # (1)
        return -tf.reduce_sum(t * o, axis=-1)  # (2)

    def samples_backward(self, Sb, O, T):
        return pull_back(lambda O: self.samples(O, T), O, Sb)  # (3)-(7)

    def inverse(self, X):
        """Return 1 / |X|, (..., batch, 1), and at most 1e7."""
        square = tf.reduce_sum(tf.square(X), axis=-1, keepdims=True)  # (8)
        return tf.minimum(tf.math.rsqrt(square), 1 / EPSILON)  # (9)
