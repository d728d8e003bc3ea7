"""How an array type of our own answers NumPy's operators, ufuncs and functions.

The reference code writes ``np.exp(x)``, ``a @ b``, ``np.sum(x, axis=-2)``; NumPy
hands each of these over to the class below, which looks up the method of that
name.  What a class has no method for raises TypeError: nothing falls back to
ordinary floats unseen.
"""

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from refimpl import functions

UFUNCS = {
    np.add: "add",
    np.subtract: "subtract",
    np.multiply: "multiply",
    np.divide: "divide",
    np.negative: "negative",
    np.positive: "positive",
    np.absolute: "absolute",
    np.matmul: "matmul",
    np.power: "power",
    np.square: "square",
    np.sqrt: "sqrt",
    np.reciprocal: "reciprocal",
    np.exp: "exp",
    np.log: "log",
    np.expm1: "expm1",
    np.log1p: "log1p",
    functions._erfc: "erfc",
    np.tanh: "tanh",
    np.cos: "cos",
    np.sin: "sin",
    np.floor: "floor",
    np.ceil: "ceil",
    np.remainder: "mod",
    np.floor_divide: "floor_divide",
    np.maximum: "maximum",
    np.minimum: "minimum",
    np.sign: "sign",
    np.greater: "greater",
    np.greater_equal: "greater_equal",
    np.less: "less",
    np.less_equal: "less_equal",
    np.equal: "equal",
    np.not_equal: "not_equal",
}
FUNCTIONS = {
    np.where: "where",
    np.sum: "sum",
    np.max: "max",
    np.ones_like: "ones_like",
    np.zeros_like: "zeros_like",
}
# Functions that only move numbers to other places, each applied to what an array is made of.
MOVES = frozenset(
    {
        np.swapaxes,
        np.moveaxis,
        np.broadcast_to,
        np.flip,
        np.repeat,
        np.take_along_axis,
        np.pad,
    }
)
# The same with a sequence of arrays.
JOINS = frozenset({np.concatenate, np.stack})


class DispatchedArray(NDArrayOperatorsMixin):
    """An array whose operations are methods of its class.

    Binary operations are static methods of two operands that ``lift`` has made
    arrays of the class; unary ones are methods.
    """

    # fmt: off
    UNARY = frozenset({
        "negative", "positive", "absolute", "square", "sqrt", "reciprocal", "exp", "log",
        "expm1", "log1p", "erfc", "tanh", "cos", "sin", "floor", "ceil", "sign",
    })
    # fmt: on

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        name = UFUNCS.get(ufunc)
        if name is None or method != "__call__" or kwargs:
            return NotImplemented
        operands = [self.lift(x) for x in inputs]
        if name in self.UNARY:
            return getattr(operands[0], name)()
        return getattr(type(self), name)(*operands)

    def __array_function__(self, function, types, args, kwargs):
        if function in MOVES:
            return args[0]._moved(lambda array: function(array, *args[1:], **kwargs))
        if function in JOINS:
            arrays = [self.lift(array) for array in args[0]]
            return self._joined(arrays, lambda parts: function(parts, *args[1:], **kwargs))
        name = FUNCTIONS.get(function)
        if name is None:
            return NotImplemented
        if name == "where":
            condition, x, y = args
            return type(self).where(condition, self.lift(x), self.lift(y))
        return getattr(args[0], name)(*args[1:], **kwargs)

    @property
    def ndim(self):
        return len(self.shape)
