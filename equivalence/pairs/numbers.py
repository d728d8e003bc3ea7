"""Numbers drawn for rows of several tables."""

import numpy as np


def normal(shape, seed):
    return np.random.default_rng(seed).normal(size=shape)
