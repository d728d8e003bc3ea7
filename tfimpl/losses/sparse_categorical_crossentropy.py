"""Categorical cross-entropy of probabilities, with the number of the class as target."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.gradients import pull_back
from tfimpl.losses.loss import EPSILON, Loss


@dataclass(frozen=True)
class SparseCategoricalCrossentropy(Loss):
    """Keras: ``keras.losses.SparseCategoricalCrossentropy``."""

    ignore_class: int | None = None

    name: ClassVar = "sparse_categorical_crossentropy"

    def samples(self, O, T):
        O = self.without_ignored(O, T)
        z = tf.math.log(tf.clip_by_value(O, EPSILON, 1 - EPSILON))  # (1)
        t = self.one_hot(O, T)
        return tf.nn.softmax_cross_entropy_with_logits(t, z)  # (2)-(3)

    def samples_backward(self, Sb, O, T):
        return pull_back(lambda O: self.samples(O, T), O, Sb)  # (4)-(8)

    def one_hot(self, O, T):
        """Return 1 at the class of each sample: T, (..., batch, 1), holds its number."""
        classes = tf.cast(T[..., 0], tf.int32)
        return tf.one_hot(classes, O.shape[-1], dtype=O.dtype)  # (9)

    def counted(self, O, T):
        """Return 0 for samples of the class that is ignored, else 1; None without one."""
        if self.ignore_class is None:
            return None
        return tf.minimum(tf.abs(T[..., 0] - self.ignore_class), 1)  # (10)

    def without_ignored(self, O, T):
        """Return the outputs, 0 for a sample that does not count, whatever they were."""
        counted = self.counted(O, T)
        if counted is None:
            return O
        return tf.where(counted[..., None] > 0, O, tf.zeros_like(O))  # (11)
