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
