"""One-hot vectors (seed 002, 5.7; seed 003, B2 and B5)."""

import numpy as np


def one_hot(labels, classes, dtype="float32"):
    """Return (..., classes), 1 at each label and 0 elsewhere; labels count from 0."""
    places = np.arange(classes)  # (1)
    return (np.asarray(labels)[..., None] == places).astype(dtype)  # (2)
