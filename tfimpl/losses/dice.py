"""Dice loss of all units together (Milletari, Navab, Ahmadi 2016, section 3)."""

import keras
import tensorflow as tf

from tfimpl.gradients import pull_back
from tfimpl.losses.loss import EPSILON


class Dice:
    """Keras: ``keras.losses.Dice``."""

    name = "dice"

    def forward(self, O, T):
        overlap, divisor = self.parts(O, T)
        return (1 - overlap / divisor)[..., 0, 0]  # (1)

    def backward(self, O, T):
        return pull_back(lambda O: self.forward(O, T), O, None)  # (2)-(4)

    def parts(self, O, T):
        """Return twice the overlap and the divisor, (..., 1, 1)."""
        every = {"axis": (-2, -1), "keepdims": True}
        overlap = 2 * tf.reduce_sum(T * O, **every)  # (5)
        total = tf.reduce_sum(T, **every) + tf.reduce_sum(O, **every)
        return overlap, total + EPSILON  # (6)

    def keras(self):
        return keras.losses.Dice()
