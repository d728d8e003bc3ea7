"""Gradients cut to size before the update, as Keras's three options do it."""

import tensorflow as tf


def clip_by_value(gradients, clipvalue):
    """Return the gradients with every number moved into [-clipvalue, clipvalue]."""
    return [tf.minimum(tf.maximum(g, -clipvalue), clipvalue) for g in gradients]  # (1)


def clip_by_norm(gradients, clipnorm):
    """Return the gradients, each scaled down to a norm of at most ``clipnorm``."""
    clipped = []
    for gradient in gradients:
        squares = squared_norm(gradient)  # (2)
        safe = tf.where(squares > 0, squares, 1.0)
        norm = tf.where(squares > 0, tf.sqrt(safe), squares)  # (3)
        clipped += [gradient * clipnorm / tf.maximum(norm, clipnorm)]  # (4)
    return clipped


def clip_by_global_norm(gradients, clipnorm):
    """Return the gradients, all scaled down together to a norm of at most ``clipnorm``."""
    norm = tf.sqrt(sum(squared_norm(gradient) for gradient in gradients))  # (5)
    scale = clipnorm * tf.minimum(1.0 / norm, 1.0 / clipnorm)  # (6)
    return [gradient * scale for gradient in gradients]  # (7)


def squared_norm(gradient):
    """Return the sum of squares of a (..., rows, columns) array as (..., 1, 1)."""
    return tf.reduce_sum(tf.square(gradient), axis=(-2, -1), keepdims=True)
