"""Circle loss of embeddings (Sun and others 2020, equation 6 and section 3.2)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import tensorflow as tf

from tfimpl.activations import Softplus
from tfimpl.counterpart import Counterpart
from tfimpl.gradients import pull_back
from tfimpl.losses.log_sum_exp import LogSumExp, among
from tfimpl.losses.loss import Loss


@dataclass(frozen=True)
class Circle(Loss):
    """Keras: ``keras.losses.Circle``."""

    gamma: float = 80.0
    margin: float = 0.4
    remove_diagonal: bool = True
    log_sum_exp: Any = LogSumExp()
    softplus: Any = Softplus()

    name: ClassVar = "circle"
    in_keras: ClassVar = Counterpart(without=("log_sum_exp", "softplus"))

    def samples(self, O, T):
        exponent, enough, *_ = self.parts(O, T)
        return tf.where(enough > 0, self.softplus.forward(exponent), 0)  # (1)

    def samples_backward(self, Sb, O, T):
        return pull_back(lambda O: self.samples(O, T), O, Sb)  # (2)-(9)

    def parts(self, O, T):
        """Return log(sum exp(N) sum exp(P)), where there are both, and what they are of."""
        D = tf.maximum(1 - tf.matmul(O, O, transpose_b=True), 0)  # (10)
        same = 1 - tf.minimum(tf.abs(T - tf.linalg.matrix_transpose(T)), 1)  # (11)
        positive, negative = same * (1 - self.diagonal(O)), 1 - same  # (12)
        like, unlike = self.weights(D)
        P = among(-self.gamma * like * (self.margin - D), positive)  # (13)
        N = among(self.gamma * unlike * (1 - self.margin - D), negative)  # (14)
        enough = tf.reduce_max(positive, axis=-1) * tf.reduce_max(negative, axis=-1)  # (15)
        exponent = self.log_sum_exp.forward(P) + self.log_sum_exp.forward(N)
        exponent = tf.where(enough > 0, exponent, 0)  # (16)
        return exponent, enough, P, N, positive, negative, D

    def weights(self, D):
        """Return how much pairs of one class, and others, are in need of correction."""
        return self.margin + D, tf.maximum(1 + self.margin - D, 0)  # (17)

    def diagonal(self, O):
        batch = O.shape[-2]
        return tf.eye(batch, dtype=O.dtype) if self.remove_diagonal else 0  # (18)

    def counted(self, O, T):
        return tf.where(self.samples(O, T) > 0, tf.ones_like(O[..., 0]), 0)  # (19)
