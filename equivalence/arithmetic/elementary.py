"""The elementary rules: each is a method of every array type, which carries its lemma.

The lemmas are those of ``docs/design.md``; for rounding balls the methods are in
``rounding.py``, for exact ones in ``exact.py``.
"""

import numpy as np

from equivalence.arithmetic.decision import Decision
from equivalence.arithmetic.dispatch import DispatchedArray, Unanswered, rule
from refimpl import functions


def _kind(a, b):
    """Return the class that answers for two operands: the more derived, as Python's operators."""
    return type(b) if isinstance(b, type(a)) else type(a)


# ------------------------------------------------------------------ IEEE operations


@rule(np.add)
def add(a, b):
    return _kind(a, b).add(a, b)


@rule(np.subtract)
def subtract(a, b):
    return _kind(a, b).subtract(a, b)


@rule(np.multiply)
def multiply(a, b):
    return _kind(a, b).multiply(a, b)


@rule(np.divide)
def divide(a, b):
    return _kind(a, b).divide(a, b)


@rule(np.negative)
def negative(x):
    return x.negative()


@rule(np.positive)
def positive(x):
    return x.positive()


@rule(np.absolute, np.fabs)
def absolute(x):
    return x.absolute()


@rule(np.square)
def square(x):
    return x.square()


@rule(np.sqrt)
def sqrt(x):
    return x.sqrt()


@rule(np.reciprocal)
def reciprocal(x):
    return x.reciprocal()


# ----------------------------------------------------------------- sums and products


@rule(np.matmul)
def matmul(a, b):
    """A vector is a row before a matrix and a column behind one, and the axis goes again."""
    if a.ndim > 1 and b.ndim > 1:
        return _kind(a, b).matmul(a, b)
    if a.ndim == 0 or b.ndim == 0:
        raise ValueError("np.matmul takes no single numbers: write a product by *")
    rows, columns = (a if a.ndim > 1 else a[None, :]), (b if b.ndim > 1 else b[:, None])
    product = rows.matmul(columns)
    product = product if a.ndim > 1 else product[..., 0, :]
    return product if b.ndim > 1 else product[..., 0]


@rule(np.sum)
def sum(a, axis=None, keepdims=False):
    return a.sum(axis=axis, keepdims=keepdims)


@rule(np.prod)
def prod(a, axis=None, keepdims=False):
    return a.prod(axis=axis, keepdims=keepdims)


# ----------------------------------------------------------------- library functions


@rule(np.exp)
def exp(x):
    return x.exp()


@rule(np.log)
def log(x):
    return x.log()


@rule(np.expm1)
def expm1(x):
    return x.expm1()


@rule(np.log1p)
def log1p(x):
    return x.log1p()


@rule(functions._erfc)
def erfc(x):
    return x.erfc()


@rule(np.tanh)
def tanh(x):
    return x.tanh()


@rule(np.cos)
def cos(x):
    return x.cos()


@rule(np.sin)
def sin(x):
    return x.sin()


@rule(np.hypot)
def hypot(a, b):
    return _kind(a, b).hypot(a, b)


@rule(np.power)
def power(a, b):
    return _kind(a, b).power(a, b)


# --------------------------------------------------------------------- whole numbers


@rule(np.floor)
def floor(x):
    return x.floor()


@rule(np.ceil)
def ceil(x):
    return x.ceil()


@rule(np.rint)
def rint(x):
    return x.rint()


@rule(np.remainder)
def remainder(a, b):
    return _kind(a, b).mod(a, b)


@rule(np.floor_divide)
def floor_divide(a, b):
    return _kind(a, b).floor_divide(a, b)


# ------------------------------------------------------------- comparisons and choices


@rule(np.maximum, np.fmax)
def maximum(a, b):
    return _kind(a, b).maximum(a, b)


@rule(np.minimum, np.fmin)
def minimum(a, b):
    return _kind(a, b).minimum(a, b)


@rule(np.max, np.amax)
def max(a, axis=None, keepdims=False):
    return a.max(axis=axis, keepdims=keepdims)


@rule(np.sign)
def sign(x):
    return x.sign()


@rule(np.greater)
def greater(a, b):
    return _kind(a, b).greater(a, b)


@rule(np.greater_equal)
def greater_equal(a, b):
    return _kind(a, b).greater_equal(a, b)


@rule(np.less)
def less(a, b):
    return _kind(a, b).less(a, b)


@rule(np.less_equal)
def less_equal(a, b):
    return _kind(a, b).less_equal(a, b)


@rule(np.equal)
def equal(a, b):
    return _kind(a, b).equal(a, b)


@rule(np.not_equal)
def not_equal(a, b):
    return _kind(a, b).not_equal(a, b)


@rule(np.isfinite)
def isfinite(x):
    return x.isfinite()


@rule(np.where)
def where(condition, x=None, y=None):
    """A condition that is a Decision, booleans, or numbers, of which all but 0 are a yes."""
    if x is None or y is None:
        raise Unanswered(
            "np.where over balls takes a condition and two arrays: where a ball is not 0 may be "
            "for rounding to decide, and the shape of what is found hangs on it"
        )
    array = next((a for a in (x, y, condition) if isinstance(a, DispatchedArray)), None)
    if array is None:
        return condition.choose(x, y)
    if isinstance(condition, DispatchedArray) and hasattr(condition, "not_equal"):
        condition = condition.not_equal(condition.lift(0))
    return type(array).where(condition, array.lift(x), array.lift(y))


# ----------------------------------------------------------------------- other shapes


@rule(np.ones_like)
def ones_like(a):
    return a.ones_like()


@rule(np.zeros_like)
def zeros_like(a):
    return a.zeros_like()


@rule(np.concatenate)
def concatenate(arrays, axis=0):
    return _joined(np.concatenate, arrays, axis)


@rule(np.stack)
def stack(arrays, axis=0):
    return _joined(np.stack, arrays, axis)


def _joined(join, arrays, axis):
    one = next(array for array in arrays if isinstance(array, DispatchedArray))
    return one._joined([one.lift(array) for array in arrays], lambda parts: join(parts, axis=axis))


# ------------------------------------------------------------------------- decisions


@rule(np.any)
def any(a, axis=None, keepdims=False):
    return Decision.of(a).any(axis, keepdims)


@rule(np.all)
def all(a, axis=None, keepdims=False):
    return Decision.of(a).all(axis, keepdims)
