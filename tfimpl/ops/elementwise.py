"""Operations of each number by itself: arithmetic and functions of one argument."""

import tensorflow as tf


def add(x, y):
    return tf.raw_ops.AddV2(x=x, y=y)  # (1)


def subtract(x, y):
    return tf.raw_ops.Sub(x=x, y=y)  # (2)


def multiply(x, y):
    return tf.raw_ops.Mul(x=x, y=y)  # (3)


def divide(x, y):
    return tf.raw_ops.RealDiv(x=x, y=y)  # (4)


def divide_no_nan(x, y):
    """x / y, and 0 where y is 0."""
    return tf.raw_ops.DivNoNan(x=x, y=y)  # (5)-(7)


def multiply_no_nan(x, y):
    """x y, and 0 where y is 0, whatever x is."""
    return tf.raw_ops.MulNoNan(x=x, y=y)  # (8)-(9)


def floor_divide(x, y):
    return tf.raw_ops.FloorDiv(x=x, y=y)  # (10)


def floor_mod(x, y):
    return tf.raw_ops.FloorMod(x=x, y=y)  # (11)


def negate(x):
    return tf.raw_ops.Neg(x=x)  # (12)


def square(x):
    return tf.raw_ops.Square(x=x)  # (13)


def squared_difference(x, y):
    return tf.raw_ops.SquaredDifference(x=x, y=y)  # (14)


def sqrt(x):
    return tf.raw_ops.Sqrt(x=x)  # (15)


def rsqrt(x):
    return tf.raw_ops.Rsqrt(x=x)  # (16)


def reciprocal(x):
    return tf.raw_ops.Reciprocal(x=x)  # (17)


def power(x, y):
    return tf.raw_ops.Pow(x=x, y=y)  # (18)


def exp(x):
    return tf.raw_ops.Exp(x=x)  # (19)


def expm1(x):
    return tf.raw_ops.Expm1(x=x)  # (20)


def log(x):
    return tf.raw_ops.Log(x=x)  # (21)


def log1p(x):
    return tf.raw_ops.Log1p(x=x)  # (22)


def tanh(x):
    return tf.raw_ops.Tanh(x=x)  # (23)


def sin(x):
    return tf.raw_ops.Sin(x=x)  # (24)


def cos(x):
    return tf.raw_ops.Cos(x=x)  # (25)


def erfc(x):
    return tf.raw_ops.Erfc(x=x)  # (26)


def sigmoid(x):
    return tf.raw_ops.Sigmoid(x=x)  # (27)


def softplus(features):
    return tf.raw_ops.Softplus(features=features)  # (28)


def softsign(features):
    return tf.raw_ops.Softsign(features=features)  # (29)


def floor(x):
    return tf.raw_ops.Floor(x=x)  # (30)


def ceil(x):
    return tf.raw_ops.Ceil(x=x)  # (31)


def rint(x):
    """The nearest whole number, the even one of two."""
    return tf.raw_ops.Rint(x=x)  # (32)


def erf(x):
    return tf.raw_ops.Erf(x=x)  # (33)


def sinh(x):
    return tf.raw_ops.Sinh(x=x)  # (34)


def cosh(x):
    return tf.raw_ops.Cosh(x=x)  # (35)


def tan(x):
    return tf.raw_ops.Tan(x=x)  # (36)


def asin(x):
    return tf.raw_ops.Asin(x=x)  # (37)


def acos(x):
    return tf.raw_ops.Acos(x=x)  # (38)


def atan(x):
    return tf.raw_ops.Atan(x=x)  # (39)


def asinh(x):
    return tf.raw_ops.Asinh(x=x)  # (40)


def acosh(x):
    return tf.raw_ops.Acosh(x=x)  # (41)


def atanh(x):
    return tf.raw_ops.Atanh(x=x)  # (42)


def xlogy(x, y):
    """x log y, and 0 where x is 0, whatever y is."""
    return tf.raw_ops.Xlogy(x=x, y=y)  # (43)-(44)


def xlog1py(x, y):
    """x log(1 + y), and 0 where x is 0."""
    return tf.raw_ops.Xlog1py(x=x, y=y)  # (45)-(46)


def xdivy(x, y):
    """x / y, and 0 where x is 0."""
    return tf.raw_ops.Xdivy(x=x, y=y)  # (47)-(48)
