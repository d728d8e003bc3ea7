"""Softmax over the last axis (seed 001, 417_1)."""

import numpy as np

from refimpl.activations.activation import Activation


class Softmax(Activation):
    """y_k = exp(x_k) / sum_j exp(x_j); xb_k = y_k (yb_k - sum_j yb_j y_j).

    The largest x is subtracted first, so that no exponential overflows; the
    quotient does not change by it.
    """

    name = "softmax"

    def forward(self, x):
        shifted = x - np.max(x, axis=-1, keepdims=True)  # (1)
        powers = np.exp(shifted)  # (2)
        return powers / np.sum(powers, axis=-1, keepdims=True)  # (3)

    def backward(self, yb, x, y):
        return (yb - np.sum(yb * y, axis=-1, keepdims=True)) * y  # (4)
