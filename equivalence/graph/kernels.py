"""Enclosures of operations that TensorFlow computes by an algorithm of its own.

As ``arithmetic.enclosed`` has it for the layers' activations: the ball of the formula, wider
where a kernel's error is a row of the table of errors.
"""

import numpy as np

from equivalence.arithmetic.enclosed import enclose, widen
from refimpl.activations import ELU, SELU, Sigmoid, Softmax, Softplus

sigmoid = enclose(Sigmoid()).forward
softplus = enclose(Softplus()).forward
softmax = enclose(Softmax()).forward
elu = enclose(ELU()).forward
selu = enclose(SELU()).forward


def by_row(function, formula):
    """Return an enclosure of a kernel whose error is a row: ``function``'s, of x alone."""

    def enclosure(x):
        with np.errstate(all="ignore"), x.model.propagation_only():
            carried = formula(x)
        return widen(carried, carried, (x.model.relative(function), 0))

    return enclosure


rsqrt = by_row("rsqrt", lambda x: 1 / np.sqrt(x))
reciprocal = by_row("reciprocal", lambda x: 1 / x)


def sigmoid_grad(y, dy):
    return in_any_order(dy, y, 1 - y)


def rsqrt_grad(y, dy):
    return in_any_order(-0.5 * dy, y, y, y)


def reciprocal_grad(y, dy):
    return in_any_order(-dy, y, y)


def in_any_order(*factors):
    """The product of some factors; vectors and what is left of them are multiplied in two orders.

    tensorflow/core/kernels/cwise_ops_gradients.h, ``packetOp`` and ``operator()``.  That one order
    is exact says nothing of the other (L5').
    """
    return np.prod(np.stack(factors), axis=0)


def cast(x, *, DstT):
    """The nearest number of the precision that the model is of; or whole numbers, or booleans."""
    kind = np.dtype(DstT).kind
    if kind == "b":
        return np.not_equal(x, 0)
    return x.astype(DstT) if kind in "iu" else x.nearest()
