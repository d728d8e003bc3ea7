"""Operations of each number by itself: arithmetic and functions of one argument."""

import numpy as np

from refimpl import functions
from refimpl.activations import Sigmoid, Softplus, Softsign


def add(x, y):
    return x + y  # (1)


def subtract(x, y):
    return x - y  # (2)


def multiply(x, y):
    return x * y  # (3)


def divide(x, y):
    return x / y  # (4)


def divide_no_nan(x, y):
    """x / y, and 0 where y is 0."""
    nothing = np.equal(y, 0)  # (5)
    quotient = x / np.where(nothing, np.ones_like(y), y)  # (6)
    return np.where(nothing, np.zeros_like(quotient), quotient)  # (7)


def multiply_no_nan(x, y):
    """x y, and 0 where y is 0, whatever x is."""
    product = x * y  # (8)
    return np.where(np.equal(y, 0), np.zeros_like(product), product)  # (9)


def floor_divide(x, y):
    return np.floor_divide(x, y)  # (10)


def floor_mod(x, y):
    return np.mod(x, y)  # (11)


def negate(x):
    return -x  # (12)


def square(x):
    return np.square(x)  # (13)


def squared_difference(x, y):
    return np.square(x - y)  # (14)


def sqrt(x):
    return np.sqrt(x)  # (15)


def rsqrt(x):
    return 1 / np.sqrt(x)  # (16)


def reciprocal(x):
    return 1 / x  # (17)


def power(x, y):
    return np.power(x, y)  # (18)


def exp(x):
    return np.exp(x)  # (19)


def expm1(x):
    return np.expm1(x)  # (20)


def log(x):
    return np.log(x)  # (21)


def log1p(x):
    return np.log1p(x)  # (22)


def tanh(x):
    return np.tanh(x)  # (23)


def sin(x):
    return np.sin(x)  # (24)


def cos(x):
    return np.cos(x)  # (25)


def erfc(x):
    return functions.erfc(x)  # (26)


def sigmoid(x):
    return Sigmoid().forward(x)  # (27)


def softplus(features):
    return Softplus().forward(features)  # (28)


def softsign(features):
    return Softsign().forward(features)  # (29)


def floor(x):
    return np.floor(x)  # (30)


def ceil(x):
    return np.ceil(x)  # (31)


def rint(x):
    """The nearest whole number, the even one of two."""
    return np.rint(x)  # (32)


def erf(x):
    return functions.erf(x)  # (33)


def sinh(x):
    return functions.sinh(x)  # (34)


def cosh(x):
    return functions.cosh(x)  # (35)


def tan(x):
    return functions.tan(x)  # (36)


def asin(x):
    return functions.asin(x)  # (37)


def acos(x):
    return functions.acos(x)  # (38)


def atan(x):
    return functions.atan(x)  # (39)


def asinh(x):
    return functions.asinh(x)  # (40)


def acosh(x):
    return functions.acosh(x)  # (41)


def atanh(x):
    return functions.atanh(x)  # (42)


def xlogy(x, y):
    """x log y, and 0 where x is 0, whatever y is."""
    nothing = np.equal(x, 0)
    found = x * np.log(np.where(nothing, np.ones_like(y), y))  # (43)
    return np.where(nothing, np.zeros_like(found), found)  # (44)


def xlog1py(x, y):
    """x log(1 + y), and 0 where x is 0."""
    nothing = np.equal(x, 0)
    found = x * np.log1p(np.where(nothing, np.ones_like(y), y))  # (45)
    return np.where(nothing, np.zeros_like(found), found)  # (46)


def xdivy(x, y):
    """x / y, and 0 where x is 0."""
    nothing = np.equal(x, 0)
    found = x / np.where(nothing, np.ones_like(y), y)  # (47)
    return np.where(nothing, np.zeros_like(found), found)  # (48)
