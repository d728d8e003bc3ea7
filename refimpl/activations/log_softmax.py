"""Logarithm of the softmax over the last axis."""

import numpy as np

from refimpl.activations.activation import Activation


class LogSoftmax(Activation):
    """y_k = x_k - log sum_j exp(x_j); xb_k = yb_k - exp(y_k) sum_j yb_j."""

    name = "log_softmax"

    def forward(self, x):
        shifted = x - np.max(x, axis=-1, keepdims=True)  # (1)
        total = np.sum(np.exp(shifted), axis=-1, keepdims=True)  # (2)
        return shifted - np.log(total)  # (3)

    def backward(self, yb, x, y):
        return yb - np.sum(yb, axis=-1, keepdims=True) * np.exp(y)  # (4)
