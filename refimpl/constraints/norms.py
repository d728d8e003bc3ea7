"""The norm that constraints hold a weight to."""

import numpy as np

EPSILON = 1e-7  # what a norm is enlarged by before it divides: Keras's ``epsilon()``


def norms(w, axis):
    """Return the Euclidean norm of each column of w, or of each row."""
    return np.sqrt(np.sum(np.square(w), axis=axis, keepdims=True))  # (1)
