"""Functions of one number that are not elementary: of a normal number, gamma, Bessel's."""

import tensorflow as tf


def lgamma(x):
    """Return log |gamma(x)|."""
    return tf.math.lgamma(x)  # (1)


def digamma(x):
    """Return the slope of log gamma(x)."""
    return tf.math.digamma(x)  # (2)


def ndtri(x):
    """Return the number below which a normal one lies with probability x."""
    return tf.math.ndtri(x)  # (3)


def bessel_i0(x):
    """Return the modified Bessel function of the first kind, of order 0."""
    return tf.math.bessel_i0(x)  # (4)


def bessel_i1(x):
    """Return that of order 1."""
    return tf.math.bessel_i1(x)  # (5)


def bessel_i0e(x):
    """Return exp(-|x|) times that of order 0."""
    return tf.math.bessel_i0e(x)  # (6)


def bessel_i1e(x):
    """Return exp(-|x|) times that of order 1."""
    return tf.math.bessel_i1e(x)  # (7)
