"""Logarithm of a sum of exponentials over the last axis."""

import tensorflow as tf

from tfimpl.gradients import pull_back

NEVER = -(2.0**100)  # for log 0, and finite: exp(NEVER) is 0 beside any other exponential


class LogSumExp:
    """Keras: ``keras.ops.logsumexp``."""

    name = "log_sum_exp"

    def forward(self, x):
        return tf.reduce_logsumexp(x, axis=-1)  # (1)-(3)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (4)-(6)


def among(x, chosen, other=NEVER):
    """Return x where ``chosen`` is 1, and ``other`` where it is 0."""
    return tf.where(chosen > 0, x, tf.constant(other, x.dtype))  # (7)


def settled(x):
    """Return x with exactly NEVER where something has been added to it."""
    return tf.where(x > NEVER / 2, x, tf.constant(NEVER, x.dtype))  # (8)
