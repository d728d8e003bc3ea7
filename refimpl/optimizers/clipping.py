"""Gradients cut to size before the update, as Keras's three options do it.

    clipvalue c           g <- min(max(g, -c), c), each number by itself
    clipnorm c            g <- g c / max(|g|, c), each variable by itself
    global_clipnorm c     g <- g c min(1 / n, 1 / c), n the norm of all gradients

|g| is the Euclidean norm.  ``global_clipnorm`` multiplies with c (1 / c) even where
nothing is to be cut, which is not always 1: a gradient may change in its last bit.
"""

import numpy as np


def clip_by_value(gradients, clipvalue):
    """Return the gradients with every number moved into [-clipvalue, clipvalue]."""
    return [np.minimum(np.maximum(g, -clipvalue), clipvalue) for g in gradients]  # (1)


def clip_by_norm(gradients, clipnorm):
    """Return the gradients, each scaled down to a norm of at most ``clipnorm``."""
    clipped = []
    for gradient in gradients:
        squares = squared_norm(gradient)  # (2)
        safe = np.where(squares > 0, squares, 1.0)
        norm = np.where(squares > 0, np.sqrt(safe), squares)  # (3)
        clipped += [gradient * clipnorm / np.maximum(norm, clipnorm)]  # (4)
    return clipped


def clip_by_global_norm(gradients, clipnorm):
    """Return the gradients, all scaled down together to a norm of at most ``clipnorm``."""
    norm = np.sqrt(sum(squared_norm(gradient) for gradient in gradients))  # (5)
    scale = clipnorm * np.minimum(1.0 / norm, 1.0 / clipnorm)  # (6)
    return [gradient * scale for gradient in gradients]  # (7)


def squared_norm(gradient):
    """Return the sum of squares of a (..., rows, columns) array as (..., 1, 1)."""
    return np.sum(np.square(gradient), axis=(-2, -1), keepdims=True)
