"""Functions that NumPy lacks."""

import tensorflow as tf


def erfc(x):
    """Return 1 - erf(x)."""
    return tf.math.erfc(x)  # (1)


def total(first, others):
    """Return one sum of all, since nothing says in which order they meet."""
    return tf.add_n([first, *others]) if others else first  # (2)


def first_smallest(x):
    """Return 1 for the smallest number of the last axis, the first of equals, else 0.

    Of equal numbers ``tf.math.top_k`` promises the one with the lower index.
    """
    _, place = tf.math.top_k(-x, k=1)  # (3)
    return tf.one_hot(place[..., 0], x.shape[-1], dtype=x.dtype)  # (4)


def erf(x):
    """Return 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x; as ``erfc``."""
    return tf.math.erf(x)  # (5)


def sinh(x):
    """Return the hyperbolic sine; as ``erfc``, Python's own."""
    return tf.math.sinh(x)  # (6)


def cosh(x):
    """Return the hyperbolic cosine."""
    return tf.math.cosh(x)  # (7)


def tan(x):
    """Return the tangent."""
    return tf.math.tan(x)  # (8)


def asin(x):
    """Return the angle whose sine is x."""
    return tf.math.asin(x)  # (9)


def acos(x):
    """Return the angle whose cosine is x."""
    return tf.math.acos(x)  # (10)


def atan(x):
    """Return the angle whose tangent is x."""
    return tf.math.atan(x)  # (11)


def asinh(x):
    """Return the number whose hyperbolic sine is x."""
    return tf.math.asinh(x)  # (12)


def acosh(x):
    """Return the number whose hyperbolic cosine is x."""
    return tf.math.acosh(x)  # (13)


def atanh(x):
    """Return the number whose hyperbolic tangent is x."""
    return tf.math.atanh(x)  # (14)
