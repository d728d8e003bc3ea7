"""Text 003: a line through 8 points, and networks that read handwritten digits."""

from functools import cache

import numpy as np

from equivalence import trees
from equivalence.pairs.layers.row import start
from equivalence.steps.pair import Pair
from equivalence.texts import at

# Text 003, A4: the points that the text puts a line through.
X = (32.0, 64.0, 96.0, 118.0, 126.0, 144.0, 152.5, 158.0)
Y = (18.0, 24.0, 61.5, 49.0, 52.0, 105.0, 130.3, 125.0)

SIDE = 28
TRAINED_ON = 1500  # of the 1797 digits; the others are for the test


def points():
    """Return the 8 points of text 003."""
    return np.array(X)[:, None], np.array(Y)[:, None]


@cache
def digits():
    """Return 1797 handwritten digits (1797, 784) from 0 to 1, and their classes (1797, 10).

    The text has MNIST, which no package comes with.  These are the digits of UCI, 8 x 8,
    that scikit-learn has, drawn larger to 28 x 28 with straight lines between the pixels.
    """
    from scipy.ndimage import zoom
    from sklearn.datasets import load_digits

    bunch = load_digits()
    larger = [zoom(im, SIDE / 8, order=1, grid_mode=True, mode="nearest") for im in bunch.images]
    return np.array(larger).reshape(-1, SIDE * SIDE) / 16, np.eye(10)[bunch.target]


def training_digits():
    """Return the digits that the networks learn."""
    return tuple(array[:TRAINED_ON] for array in digits())


def test_digits():
    """Return the digits that they have not seen."""
    return tuple(array[TRAINED_ON:] for array in digits())


def _one_layer(m):
    return m.Sequential((784,), (m.Dense(10),), m.SoftmaxOutput())


def _two_layers(units):
    return lambda m: m.Sequential(
        (784,), (m.Dense(units, m.ReLU()), m.Dense(10)), m.SoftmaxOutput()
    )


def _normal_and_a_tenth():
    """Return kernels of a normal distribution cut at two sigmas of 0.1, and biases of 0.1."""
    rng, weights = np.random.default_rng(0), []
    for shape in ((784, 360), (360, 10)):
        kernel = rng.normal(size=shape)
        while (far := np.abs(kernel) > 2).any():
            kernel[far] = rng.normal(size=far.sum())
        weights += [0.1 * kernel, np.full((1, shape[1]), 0.1)]
    return tuple(weights)


def numbered_digits():
    """Return the first 640 digits, and the number of each, (640, 1)."""
    inputs, classes = (array[:640] for array in digits())
    return inputs, classes.argmax(axis=1).astype(float)[:, None]


def _with_dropout(m):
    layers = m.Flatten(), m.Dense(128, m.ReLU()), m.Dropout(0.2), m.Dense(10)
    sparse = m.Output(m.Softmax(), m.SparseCategoricalCrossentropy())
    return m.Sequential((SIDE, SIDE), layers, sparse)


def _uniform_and_zeros():
    """Return the kernels of the hand-made Dense, uniform from 0 to 0.1, and biases of 0."""
    rng, weights = np.random.default_rng(0), []
    for shape in ((784, 512), (512, 10)):
        weights += [rng.uniform(0, 0.1, shape), np.zeros((1, shape[1]))]
    return tuple(weights)


SHUFFLE = "in the order of the file, in batches of 100; the text draws its batches"

ROWS = (
    Pair(
        "line",
        at("003", "A4") + at("000", "2-2"),
        network=lambda m: m.OneLayer(),
        optimizer=lambda m: m.SGD(0.00001),
        start=lambda: ([[1.26818371]], [[-155.01182556]]),
        data=points,
        epochs=2_500_001,
        note="from the text's first line; the pseudo-inverse gives 0.87493, -26.79079",
        group="models",
    ),
    Pair(
        "digits-784-10",
        at("003", "B3"),
        network=_one_layer,
        optimizer=lambda m: m.SGD(0.5),
        start=lambda: (np.zeros((784, 10)), np.zeros((1, 10))),
        data=training_digits,
        epochs=67,
        batch_size=100,
        note=SHUFFLE,
        group="models",
        quick=2,
    ),
    Pair(
        "digits-784-360-10",
        at("003", "B6"),
        network=_two_layers(360),
        optimizer=lambda m: m.SGD(0.5),
        start=_normal_and_a_tenth,
        data=training_digits,
        epochs=67,
        batch_size=100,
        note=SHUFFLE,
        group="models",
        quick=1,
    ),
    Pair(
        "naive-784-512-10",
        at("002", "naive"),
        network=_two_layers(512),
        optimizer=lambda m: m.SGD(0.001),
        start=_uniform_and_zeros,
        data=lambda: tuple(array[:300] for array in digits()),
        epochs=10,
        batch_size=128,
        note="300 digits in batches of 128 and a last one of 44",
        group="models",
        quick=1,
    ),
    Pair(
        "digits-784-128-10",
        at("003", "B2"),
        network=_with_dropout,
        optimizer=lambda m: m.Adam(0.001),
        start=lambda: start(_with_dropout(trees.reference())),
        data=numbered_digits,
        epochs=5,
        batch_size=32,
        note="the text's Keras program; 640 digits of scikit-learn for MNIST, in the file's order",
        group="models",
        quick=1,
    ),
)
