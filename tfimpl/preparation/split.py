"""Samples held back to be tested on (seed 002, 5.7 and 5.9)."""

import math

import tensorflow as tf


def split(x, share):
    """Keras: ``fit(validation_split=share)``, before it shuffles."""
    at = math.floor(len(x) * (1 - share))  # (1)
    return tf.split(x, [at, len(x) - at])  # (2)
