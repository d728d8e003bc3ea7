"""Kullback-Leibler divergence (seed 000, 2-4)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.gradients import pull_back
from tfimpl.losses.loss import EPSILON, Loss


@dataclass(frozen=True)
class KLDivergence(Loss):
    """Keras: ``keras.losses.KLDivergence``."""

    name: ClassVar = "kl_divergence"

    def samples(self, O, T):
        t, o = self.clipped(T), self.clipped(O)  # (1)
        return tf.reduce_sum(t * tf.math.log(t / o), axis=-1)  # (2)

    def samples_backward(self, Sb, O, T):
        return pull_back(lambda O: self.samples(O, T), O, Sb)  # (3)-(7)

    def clipped(self, P):
        return tf.clip_by_value(P, EPSILON, 1)  # (8)
