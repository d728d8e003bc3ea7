"""Operations of each number by itself that are no elementary functions; an angle of two."""

import tensorflow as tf


def lgamma(x):
    return tf.raw_ops.Lgamma(x=x)  # (1)


def digamma(x):
    return tf.raw_ops.Digamma(x=x)  # (2)


def ndtri(x):
    return tf.raw_ops.Ndtri(x=x)  # (3)


def erfinv(x):
    """The number whose error function is x, by the quantile of a normal one."""
    return tf.raw_ops.Erfinv(x=x)  # (4)


def bessel_i0(x):
    return tf.raw_ops.BesselI0(x=x)  # (5)


def bessel_i1(x):
    return tf.raw_ops.BesselI1(x=x)  # (6)


def bessel_i0e(x):
    return tf.raw_ops.BesselI0e(x=x)  # (7)


def bessel_i1e(x):
    return tf.raw_ops.BesselI1e(x=x)  # (8)


def atan2(y, x):
    """The angle from the first axis to (x, y)."""
    return tf.raw_ops.Atan2(y=y, x=x)  # (9)
