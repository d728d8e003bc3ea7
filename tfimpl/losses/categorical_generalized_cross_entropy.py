"""Generalized cross-entropy (Zhang and Sabuncu 2018, equation 6)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.gradients import pull_back
from tfimpl.losses.loss import Loss


@dataclass(frozen=True)
class CategoricalGeneralizedCrossEntropy(Loss):
    """Keras: ``keras.losses.CategoricalGeneralizedCrossEntropy``.

    It wants labels of the shape (batch,): those of (batch, 1) it broadcasts to a loss of
    every sample with every label.
    """

    q: float = 0.5

    name: ClassVar = "categorical_generalized_cross_entropy"

    def samples(self, O, T):
        p = tf.reduce_sum(O * self.one_hot(O, T), axis=-1)  # (1)
        return (1 - tf.pow(p, self.q)) / self.q  # (2)

    def samples_backward(self, Sb, O, T):
        return pull_back(lambda O: self.samples(O, T), O, Sb)  # (3)-(6)

    def one_hot(self, O, T):
        """Return 1 at the class of each sample: T, (..., batch, 1), holds its number."""
        classes = tf.cast(T[..., 0], tf.int32)
        return tf.one_hot(classes, O.shape[-1], dtype=O.dtype)  # (7)

    def keras(self):
        loss = super().keras()
        return lambda T, O, *weights: loss(T[..., 0], O, *weights)
