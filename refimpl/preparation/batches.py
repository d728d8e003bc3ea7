"""The order of the samples, drawn once for both sides (seed 002, 5.6; seed 003, B3)."""

import numpy as np


def orders(samples, epochs, seed=0):
    """Return an order of the samples for each epoch, (epochs, samples)."""
    rng = np.random.default_rng(seed)  # (1)
    return np.stack([rng.permutation(samples) for _ in range(epochs)])  # (2)


def epochs_in_order(x, orders):
    """Return the samples as all epochs have them, (epochs * samples, ...).

    A run in fixed order over these is a run over x that is shuffled before every epoch.
    """
    return np.concatenate([x[order] for order in orders])  # (3)
