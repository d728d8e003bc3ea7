"""Back through the time steps of a recurrent layer; in TensorFlow the tape goes back.

A state's gradient is a sum: of what the output of its time step hands back, and of what
the next time step does.
"""

import numpy as np

from refimpl.layers.recurrent import chosen


def of_outputs(layer, yb, counts):
    """Return the gradient of each time step's output; None where that is not returned."""
    steps = len(counts)
    if layer.return_sequences:
        each = [yb[..., t, :] for t in range(steps)]
    else:
        each = [None] * (steps - 1) + [yb]
    kept = layer.kept_outputs(counts)
    return [masked(c, gradient) for c, gradient in zip(kept, each)]


def masked(counts, gradient):
    """Return a gradient, 0 where the time step is masked."""
    return None if gradient is None else chosen(counts, gradient, np.zeros_like(gradient))


def total(*terms):
    """Return the sum of the terms that are not None, in the order of TensorFlow's tape."""
    first, *others = [term for term in terms if term is not None]
    for term in others:
        first = first + term
    return first


def rows(each):
    """Return (..., steps * batch, features) of (..., batch, features) of each time step."""
    return np.concatenate(each, axis=-2)


def product(inputs, gradients):
    """Return a kernel's gradient, of its inputs and outputs' gradients at each step."""
    return rows(inputs).mT @ rows(gradients)


def summed(gradients):
    """Return a bias's gradient, (..., 1, units)."""
    return np.sum(rows(gradients), axis=-2, keepdims=True)
