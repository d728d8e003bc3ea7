"""Softmax and cross-entropies of rows of logits, with their gradients."""

import numpy as np

from refimpl.activations import LogSoftmax, Softmax
from refimpl.losses import (
    CategoricalCrossentropyFromLogits,
    SparseCategoricalCrossentropyFromLogits,
)


def softmax(logits):
    return Softmax().forward(logits)  # (1)


def log_softmax(logits):
    return LogSoftmax().forward(logits)  # (2)


def softmax_cross_entropy_with_logits(features, labels):
    """The loss of each row, and softmax - labels."""
    loss = CategoricalCrossentropyFromLogits()
    losses = loss.samples(features, labels)  # (3)
    return losses, loss.samples_backward(np.ones_like(losses), features, labels)  # (4)


def sparse_softmax_cross_entropy_with_logits(features, labels):
    """The same where a label is the number of a class."""
    loss, labels = SparseCategoricalCrossentropyFromLogits(), labels[..., None]
    losses = loss.samples(features, labels)  # (5)
    return losses, loss.samples_backward(np.ones_like(losses), features, labels)  # (6)
