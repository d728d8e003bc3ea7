"""Text 002: neurons by hand, AND, XOR, regression and wine."""

from functools import cache

import numpy as np

from equivalence.pairs.data import iris
from equivalence.pairs.models.row import model
from equivalence.pairs.models.topics_data import tumours
from equivalence.steps.pair import Pair
from equivalence.texts import at

# Text 002, table 3.2 and 3.6: in this order.
CORNERS = np.array([[1.0, 1], [1, 0], [0, 1], [0, 0]])
AND = np.array([[1.0], [0], [0], [0]])
XOR = np.array([[0.0], [1], [1], [0]])

# Text 002, 4.3: growth of the population and share of the old, in percent.
GROWTH = (
    *(0.3, -0.78, 1.26, 0.03, 1.11, 0.24, -0.24, -0.47),
    *(-0.77, -0.37, -0.85, -0.41, -0.27, 0.02, -0.76, 2.66),
)
ELDERLY = (
    *(12.27, 14.44, 11.87, 18.75, 17.52, 16.37, 19.78, 19.51),
    *(12.65, 14.74, 10.72, 21.94, 12.83, 15.51, 17.14, 14.42),
)


def population():
    """Return the 16 points of text 002, 4.3."""
    return np.array(GROWTH)[:, None], np.array(ELDERLY)[:, None]


@cache
def wine():
    """Return wines (130, 12), each column from 0 to 1, and their kind one-hot (130, 2).

    The text has two kinds of wine and 12 measurements of each, from a file on the net.  Here
    they are the first two kinds and the first twelve columns of the wine data of UCI that
    scikit-learn comes with: real wines, but others.  Drawn in an order of NumPy's.
    """
    from sklearn.datasets import load_wine

    bunch = load_wine()
    two = bunch.target < 2
    x, kind = bunch.data[two, :12], bunch.target[two]
    order = np.random.default_rng(0).permutation(len(x))
    scaled = (x - x.min(axis=0)) / (x.max(axis=0) - x.min(axis=0))
    return scaled[order], np.eye(2)[kind[order]]


def _neuron(name, source, inputs, data, epochs, use_bias=True, note=""):
    """Return the row of one sigmoid neuron that learns by w + 0.1 x (y - output)."""
    return model(
        name,
        source,
        lambda m: m.Sequential((inputs,), (m.Dense(1, use_bias=use_bias),), m.SigmoidOutput()),
        lambda m: m.SGD(0.1),
        data,
        epochs,
        batch_size=1,
        note=note,
    )


@cache
def reviews():
    """Return 200 rows of 100 numbers 0 or 1, which words occur, and whether the good ones do.

    The text has 10 000 words and no reviews: here each word is in every fifth review, and a
    review is good (1) where more of the first 20 words occur than of the last 20.
    """
    words = (np.random.default_rng(0).random((200, 100)) < 0.2).astype(float)
    good = words[:, :20].sum(axis=1) > words[:, -20:].sum(axis=1)
    return words, good[:, None].astype(float)


def _saturated(name, output, note):
    """Return the row of a neuron that starts as wrong as a neuron can be."""
    return Pair(
        name,
        at("000", "2-6"),
        network=lambda m: m.Sequential((1,), (m.Dense(1),), output(m)),
        optimizer=lambda m: m.SGD(0.5),
        start=lambda: ([[6.0]], [[0.0]]),
        data=lambda: (np.ones((1, 1)), np.zeros((1, 1))),
        epochs=50,
        note=note,
        group="models",
    )


ROWS = (
    _saturated(
        "saturated-cross-entropy",
        lambda m: m.SigmoidOutput(),
        "an output of 0.9975 that should be 0: cross-entropy's gradient is the whole error",
    ),
    _saturated(
        "saturated-mean-square",
        lambda m: m.Output(m.Sigmoid()),
        "an output of 0.9975 that should be 0: the sigmoid's slope, 0.0025, is in the gradient",
    ),
    model(
        "reviews-100-16-16-1",
        at("002", "3-3"),
        lambda m: m.Sequential(
            (100,), (m.Dense(16, m.ReLU()), m.Dense(16, m.ReLU()), m.Dense(1)), m.SigmoidOutput()
        ),
        lambda m: m.RMSprop(0.001),
        reviews,
        epochs=20,
        batch_size=50,
        note="100 words for the text's 10 000, and reviews drawn here",
    ),
    model(
        "tumours-5-8-4-1",
        at("000", "4-9"),
        lambda m: m.Sequential(
            (5,), (m.Dense(8, m.ReLU()), m.Dense(4, m.ReLU()), m.Dense(1)), m.SigmoidOutput()
        ),
        lambda m: m.Adam(0.01),
        tumours,
        epochs=20,
        batch_size=64,
        note="scikit-learn's breast cancer data for the text's loans, which are not public",
    ),
    model(
        "tumours-5-2",
        at("003", "B4"),
        lambda m: m.Sequential((5,), (m.Dense(2),), m.SoftmaxOutput()),
        lambda m: m.SGD(0.1),
        lambda: (tumours()[0], np.eye(2)[tumours()[1][:, 0].astype(int)]),
        epochs=20,
        batch_size=64,
        note="scikit-learn's breast cancer data for the text's claims, which lie behind a link",
    ),
    model(
        "iris-4-8-3",
        at("000", "4-10"),
        lambda m: m.Sequential((4,), (m.Dense(8, m.Tanh()), m.Dense(3)), m.SoftmaxOutput()),
        lambda m: m.Adam(0.01),
        iris,
        epochs=100,
        batch_size=30,
        note="scikit-learn's iris; the text has the title alone",
    ),
    _neuron(
        "neuron",
        at("002", "3.11 3.12") + at("000", "4-5"),
        1,
        lambda: (np.ones((1, 1)), np.zeros((1, 1))),
        1000,
        use_bias=False,
    ),
    _neuron(
        "neuron-stuck",
        at("002", "3.13"),
        1,
        lambda: (np.zeros((1, 1)), np.ones((1, 1))),
        1000,
        use_bias=False,
        note="an input of 0 moves no weight: the output stays at 0.5",
    ),
    _neuron("neuron-bias", at("002", "3.14"), 1, lambda: (np.zeros((1, 1)), np.ones((1, 1))), 1000),
    _neuron(
        "and-neuron", at("002", "3.16 3.26") + at("003", "A1"), 2, lambda: (CORNERS, AND), 2000
    ),
    _neuron(
        "xor-neuron",
        at("002", "3.23 3.24 3.25") + at("003", "A1"),
        2,
        lambda: (CORNERS, XOR),
        2000,
        note="one neuron cannot: its outputs end at 0.5128, 0.5128, 0.5 and 0.5; the sigmoid is in "
        "the run's precision, where the text has float32 weights in a float64 sigmoid",
    ),
    model(
        "xor-2-2-1",
        at("002", "3.27 3.28 3.29 3.30") + at("000", "4-4 4-7") + at("003", "A1"),
        lambda m: m.Sequential((2,), (m.Dense(2, m.Sigmoid()), m.Dense(1)), m.Output(m.Sigmoid())),
        lambda m: m.SGD(0.3),
        lambda: (CORNERS, XOR),
        epochs=2000,
        batch_size=1,
        note="from one of the starts that lead there: about every second stays at one half",
        seed=7,
    ),
    model(
        "population",
        at("002", "4.3 4.4") + at("000", "2-2"),
        lambda m: m.Sequential((1,), (m.Dense(1),)),
        lambda m: m.Adam(0.07),
        population,
        epochs=1000,
        note="least squares gives a = -0.3558, b = 15.6693",
    ),
    model(
        "population-1-6-1",
        at("002", "4.7"),
        lambda m: m.Sequential((1,), (m.Dense(6, m.Tanh()), m.Dense(1))),
        lambda m: m.SGD(0.1),
        population,
        epochs=100,
        note="the text does not say for how many epochs",
    ),
    model(
        "wine-12-48-24-12-2",
        at("002", "5.8 5.9") + at("000", "4-9"),
        lambda m: m.Sequential(
            (12,),
            (m.Dense(48, m.ReLU()), m.Dense(24, m.ReLU()), m.Dense(12, m.ReLU()), m.Dense(2)),
            m.SoftmaxOutput(),
        ),
        lambda m: m.Adam(0.07),
        wine,
        epochs=25,
        batch_size=32,
        note="130 other wines, scikit-learn's: two kinds, the first 12 measurements, where the "
        "text's 12th is the quality; none kept for a test",
    ),
)
