"""The numbers that the pairs train on: the book's matrices, and real data."""

from functools import cache
from itertools import pairwise

import numpy as np

# Text 001, section: weights, inputs, targets.  In 415-418 the figure shows 0.66
# in WO; the listings have 0.55, and the printed results come from 0.55.
BOOK = {
    "411": (([[3, 5], [4, 6]], [[1, 2]]), [[2, 3]], [[27, -30]]),
    "412": (
        ([[3, 5, 8], [4, 6, 9], [5, 7, 10]], [[1, 2, 3]]),
        [[2, 3, 4]],
        [[27, -30, 179]],
    ),
    "413": (([[3], [4]], [[1]]), [[2, 3]], [[27]]),
    "414": (([[3]], [[1]]), [[2]], [[10]]),
    "415": (
        (
            [[0.15, 0.25], [0.20, 0.30]],
            [[0.35, 0.35]],
            [[0.40, 0.50], [0.45, 0.55]],
            [[0.60, 0.60]],
        ),
        [[0.05, 0.10]],
        [[0.01, 0.99]],
    ),
}
# 417 and 418 change the targets of 415 into a class.
ONE_HOT = [[0, 1]]

# Text 004, 01-1: degrees Celsius and Fahrenheit.
CELSIUS = [[-40], [-10], [0], [8], [15], [22], [38]]
FAHRENHEIT = [[-40], [14], [32], [46], [59], [72], [100]]


@cache
def parabola():
    """Return x and y = 2 x^2 + 3 x + 5 at the text's 100 points (text 000, 1-7)."""
    x = np.arange(-5, 5, 0.1)
    return x[:, None], (2 * x * x + 3 * x + 5)[:, None]


@cache
def parabola_features():
    """Return the columns x^2 and x, and y (text 000, 1-14)."""
    x, y = parabola()
    return np.concatenate([x * x, x], axis=1), y


@cache
def iris():
    """Return iris (150, 4) and its species one-hot (150, 3): scikit-learn's copy."""
    from sklearn.datasets import load_iris

    bunch = load_iris()
    return bunch.data, np.eye(3)[bunch.target]


def three_readings():
    """Return each temperature as 3 readings: as is, in tens of degrees, and squared/100.

    Text 004 draws the 3-2-1 network without data; these columns are ours.
    """
    c = np.array(CELSIUS, dtype=float)
    return np.concatenate([c, c / 10, c * c / 100], axis=1), np.array(FAHRENHEIT, dtype=float)


def start(shapes, seed):
    """Return Glorot-uniform kernels and zero biases, as Keras's Dense starts.

    Drawn once by NumPy and given to both sides.  shapes: (inputs, units, ...).
    """
    rng = np.random.default_rng(seed)
    weights = []
    for inputs, units in pairwise(shapes):
        limit = np.sqrt(6 / (inputs + units))
        weights += [rng.uniform(-limit, limit, (inputs, units)), np.zeros((1, units))]
    return tuple(weights)
