"""Categorical cross-entropy of a softmax, from its logits (seed 001, 417_1)."""

from typing import ClassVar

import keras
import tensorflow as tf

from tfimpl.counterpart import Counterpart, keras_object
from tfimpl.gradients import pull_back


class CategoricalCrossentropy:
    """Keras finds the logits that its softmax left on the tensor."""

    name = "categorical_crossentropy"
    in_keras: ClassVar = Counterpart(behind="softmax", unread=("from_logits",))

    def forward(self, Z, T):
        sample = tf.nn.softmax_cross_entropy_with_logits(T, Z)  # (1)-(3)
        return tf.reduce_mean(sample, axis=-1)  # (4)

    def backward(self, O, T):
        logits = tf.math.log(O)
        return pull_back(lambda Z: self.forward(Z, T), logits, None)  # (5)-(6)

    def keras(self):
        return keras_object(self, keras.losses)
