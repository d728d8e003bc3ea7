"""Functions that NumPy lacks."""

import tensorflow as tf


def erfc(x):
    """Return 1 - erf(x)."""
    return tf.math.erfc(x)  # (1)


def total(first, others):
    """Return one sum of all, since nothing says in which order they meet."""
    return tf.add_n([first, *others]) if others else first  # (2)
