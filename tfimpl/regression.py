"""A straight line through points without descent (seed 002, 4.3; seed 003, A4)."""

import tensorflow as tf


def least_squares(x, y):
    """Return a and b of the line y = a x + b with the least sum of squared residuals."""
    n = x.shape[-1]
    x_mean = tf.reduce_sum(x, axis=-1, keepdims=True) / n  # (1)
    y_mean = tf.reduce_sum(y, axis=-1, keepdims=True) / n  # (2)
    dx, dy = x - x_mean, y - y_mean  # (3)
    a = tf.reduce_sum(dx * dy, axis=-1) / tf.reduce_sum(dx * dx, axis=-1)  # (4)
    return a, y_mean[..., 0] - a * x_mean[..., 0]  # (5)


def left_inverse(A):
    """Return (A' A)^-1 A' of A (..., rows, 2): the left pseudo-inverse.

    ``tf.linalg.inv`` eliminates with row exchanges.
    """
    AT = tf.linalg.matrix_transpose(A)
    S = AT @ A  # (6)
    return tf.linalg.inv(S) @ AT  # (7)-(9)
