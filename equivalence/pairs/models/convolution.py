"""Text 000, chapters 6 and 7: series foretold by convolutions, digits told apart and redrawn.

The text names these examples and no more: their layers, numbers and data are chosen here.
"""

from functools import cache

import numpy as np

from equivalence.pairs.models.row import model
from equivalence.steps.pair import Pair
from equivalence.texts import at

CHOSEN = "the text gives the title alone"
STEPS = 20  # that a network sees of a series


@cache
def series():
    """Return two noisy sines with a trend, (120, 2), from about -1 to 1."""
    t = np.arange(120)
    trend = 2 * t / len(t) - 1
    sines = np.stack([np.sin(2 * np.pi * t / 20), np.sin(2 * np.pi * t / 12)], axis=-1)
    noise = np.random.default_rng(0).normal(size=sines.shape)
    return (trend[:, None] + sines + 0.1 * noise) / 2


def _windows(numbers):
    """Return all stretches of STEPS rows, each in one row, and the first number after each."""
    count = len(numbers) - STEPS
    seen = np.stack([numbers[k : k + STEPS].ravel() for k in range(count)])
    return seen, numbers[STEPS:, :1]


def one_series():
    """Return inputs (100, 20) and targets (100, 1)."""
    return _windows(series()[:, :1])


def two_series():
    """Return inputs (100, 20 * 2), step by step, and targets (100, 1)."""
    return _windows(series())


@cache
def digits():
    """Return 320 handwritten digits of 8 x 8 pixels from 0 to 1, and which they are, one-hot.

    The first of the optical recognition data of UCI (Alpaydin and Kaynak 1998) that
    scikit-learn comes with.  A pixel has one of 17 values; a number below one step is added
    to each ("uniform dequantization", Theis, van den Oord and Bethge 2016, 3.1), or two places
    of a window that look the same would be a tie that rounding decides.
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    below = np.random.default_rng(0).uniform(size=(320, 64))
    return (bunch.data[:320] + below) / 17, np.eye(10)[bunch.target[:320]]


def redrawn():
    """Return the digits as inputs and as targets."""
    pixels, _ = digits()
    return pixels, pixels


def _model(name, numbers, network, data, epochs, note):
    adam = lambda m: m.Adam(0.01)
    return model(name, at("000", numbers), network, adam, data, epochs, batch_size=32, note=note)


# Four by four whole numbers, kernels of two by two: with them all of a forward pass is exact.
BY_HAND = (
    ((1, 2, 0, 1), (0, 1, 3, 2), (2, 0, 1, 1), (1, 1, 0, 2)),
    ((1, 0), (-1, 2)),
    ((1, -1), (0, 2)),
)


def _by_hand(m):
    layers = (
        m.Conv2D(1, 2, use_bias=False),
        m.MaxPooling2D(2, strides=1),
        m.Conv2DTranspose(1, 2, use_bias=False),
        m.Flatten(),
    )
    return m.Sequential((4, 4, 1), layers)


ROWS = (
    Pair(
        "convolution-by-hand",
        at("000", "6-2 6-6"),
        network=_by_hand,
        optimizer=lambda m: m.SGD(0.5),
        start=lambda: tuple(np.reshape(kernel, (4, 1)) for kernel in BY_HAND[1:]),
        data=lambda: (np.array([np.ravel(BY_HAND[0])], float), np.zeros((1, 9))),
        epochs=1,
        note="convolution, pooling and transposed convolution of whole numbers, as on paper",
        group="models",
    ),
    _model(
        "series-conv1d",
        "6-11 6-13",
        lambda m: m.Sequential(
            (STEPS, 1),
            (
                m.Conv1D(8, 5, padding="causal", activation=m.ReLU()),
                m.MaxPooling1D(2),
                m.Conv1D(4, 3, activation=m.Tanh()),
                m.Flatten(),
                m.Dense(1),
            ),
        ),
        one_series,
        50,
        f"{CHOSEN}: the next number of a noisy sine with trend from the 20 before it",
    ),
    _model(
        "series-conv2d",
        "6-14",
        lambda m: m.Sequential(
            (STEPS, 2, 1),
            (
                m.Conv2D(8, (5, 2), activation=m.ReLU()),
                m.AveragePooling2D((2, 1)),
                m.Flatten(),
                m.Dense(1),
            ),
        ),
        two_series,
        50,
        f"{CHOSEN}: two series side by side are an image of one channel",
    ),
    _model(
        "digits-cnn",
        "6-10",
        lambda m: m.Sequential(
            (8, 8, 1),
            (
                m.Conv2D(8, 3, activation=m.ReLU()),
                m.MaxPooling2D(2),
                m.Conv2D(8, 2, activation=m.ReLU()),
                m.Flatten(),
                m.Dense(10),
            ),
            m.SoftmaxOutput(),
        ),
        digits,
        5,
        f"{CHOSEN}, and MNIST; here 320 digits of 8 x 8 that scikit-learn comes with",
    ),
    _model(
        "digits-autoencoder",
        "7-3",
        lambda m: m.Sequential(
            (8, 8, 1),
            (
                m.Conv2D(6, 3, padding="same", activation=m.Tanh()),
                m.MaxPooling2D(2),
                m.Conv2D(2, 3, padding="same", activation=m.Tanh()),
                m.UpSampling2D(2),
                m.Conv2D(1, 3, padding="same"),
                m.Flatten(),
            ),
            m.Output(m.Sigmoid()),
        ),
        redrawn,
        20,
        f"{CHOSEN}: 64 pixels by way of 4 x 4 x 2 numbers",
    ),
    _model(
        "digits-autoencoder-transpose",
        "7-3 6-5",
        lambda m: m.Sequential(
            (8, 8, 1),
            (
                m.Conv2D(4, 3, 2, padding="same", activation=m.Tanh()),
                m.Conv2DTranspose(4, 3, 2, padding="same", activation=m.Tanh()),
                m.Conv2D(1, 3, padding="same"),
                m.Flatten(),
            ),
            m.Output(m.Sigmoid()),
        ),
        redrawn,
        20,
        f"{CHOSEN}: 64 pixels by way of 4 x 4 x 4 numbers, strides instead of pooling",
    ),
)
