"""What Keras reports of a run beside its weights: accuracies, and means over batches.

Outputs O are (..., batch, units), targets T one-hot, numbers from 0 to 1, or class numbers
(..., batch, 1).  A metric has a value for each sample, (..., batch).
"""

import numpy as np

from refimpl.functions import first_smallest

__all__ = [
    "accuracy",
    "binary_accuracy",
    "categorical_accuracy",
    "mean_over_batches",
    "sparse_categorical_accuracy",
]


def categorical_accuracy(O, T):
    """Return 1 where the largest output, the first of equals, is the class of T."""
    return np.sum(first_smallest(-O) * first_smallest(-T), axis=-1)  # (1)


def sparse_categorical_accuracy(O, T):
    """Return 1 where the largest output is the class whose number T is."""
    classes = np.arange(O.shape[-1])
    hits = np.where(classes == T, first_smallest(-O), np.zeros_like(O))  # (2)
    return np.sum(hits, axis=-1)


def binary_accuracy(O, T):
    """Return the share of units that are above 1/2 where T is 1, and not where it is 0."""
    says = np.where(O > 0.5, np.ones_like(O), np.zeros_like(O))  # (3)
    hits = np.where(says == T, np.ones_like(O), np.zeros_like(O))  # (4)
    return np.sum(hits, axis=-1) / O.shape[-1]


def accuracy(O, T):
    """Return what Keras means by "accuracy": which of the three, the last axes say."""
    if O.shape[-1] == 1:
        return binary_accuracy(O, T)
    if T.shape[-1] == 1:
        return sparse_categorical_accuracy(O, T)
    return categorical_accuracy(O, T)


def mean_over_batches(means, counts):
    """Return the mean over all samples of the means of batches of these sizes."""
    return np.sum(means * counts) / np.sum(counts)  # (5)
