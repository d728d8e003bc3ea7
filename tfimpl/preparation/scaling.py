"""Columns brought to one scale (seed 002, 5.5)."""

import keras
import tensorflow as tf


def scaled(x):
    """Keras has ``Rescaling``, which multiplies with a reciprocal that one gives it."""
    low, high = tf.reduce_min(x, axis=0), tf.reduce_max(x, axis=0)  # (1)
    if not tf.reduce_all(high > low):
        raise ValueError("a column whose numbers are all equal has no scale")
    return (x - low) / (high - low)  # (2)


def moments(x):
    """What ``keras.layers.Normalization`` adapts itself to."""
    mean, variance = tf.nn.moments(tf.convert_to_tensor(x), axes=[0])  # (3)-(4)
    return mean, variance


def standardized(x, mean, variance):
    """Keras: ``keras.layers.Normalization``."""
    dtype = keras.backend.standardize_dtype(x.dtype)
    layer = keras.layers.Normalization(mean=mean, variance=variance, dtype=dtype)
    return layer(x)  # (5)-(6)
