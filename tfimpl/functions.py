"""Functions that NumPy lacks."""

import tensorflow as tf


def erfc(x):
    """Return 1 - erf(x)."""
    return tf.math.erfc(x)  # (1)
