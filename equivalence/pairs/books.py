"""The rows of the books: the networks of seed 001, and the descents of all seeds."""

import numpy as np

from equivalence.pairs import data
from equivalence.pairs.pair import Pair


def _book(section, targets=None):
    """Return the start and data of a row of seed 001."""
    weights, inputs, book_targets = data.BOOK[section]
    return {
        "start": lambda: weights,
        "data": lambda: (np.array(inputs), np.array(targets or book_targets)),
    }


def _dense(name, section):
    return Pair(
        name,
        f"seed 001, {section}",
        network=lambda m: m.OneLayer(),
        optimizer=lambda m: m.SGD(0.01),
        **_book(section),
        epochs=200,
    )


def _two_layer(name, section, hidden, output, targets=None):
    return Pair(
        name,
        f"seed 001, {section}",
        network=lambda m: m.TwoLayer(getattr(m, hidden)(), output(m)),
        optimizer=lambda m: m.SGD(0.01),
        **_book("415", targets),
        epochs=200,
    )


def _same(activation):
    return lambda m: m.Output(getattr(m, activation)())


def _softmax(m):
    return m.SoftmaxOutput()


def _descent(name, source, optimizer, p=-5.0, keras="model", note=""):
    return Pair(
        name,
        source,
        network=lambda m: m.Point(),
        optimizer=optimizer,
        start=lambda: ([[p]],),
        data=lambda: (np.ones((1, 1)), np.full((1, 1), -2.0)),
        epochs=16,
        keras=keras,
        note=note,
    )


def _rmse(name, source, optimizer, epochs, note=""):
    return Pair(
        name,
        source,
        network=lambda m: m.Quadratic(),
        optimizer=optimizer,
        start=lambda: ([[1.0]], [[1.0]], [[1.0]]),
        data=data.parabola,
        epochs=epochs,
        note=note,
    )


BATCHES = (("batch", None), ("minibatch", 10), ("stochastic", 1))


def _features(kind, source, optimizer, keras):
    return [
        _feature(f"quadratic-{kind}-{name}", source, optimizer, keras, size)
        for name, size in BATCHES
    ]


def _feature(name, source, optimizer, keras, batch_size):
    return Pair(
        name,
        source,
        network=lambda m: m.OneLayer(),
        optimizer=optimizer,
        start=lambda: data.start((2, 1), seed=0),
        data=data.parabola_features,
        epochs=300,
        batch_size=batch_size,
        keras=keras,
        note="the seed's start and shuffle are unknown; here Glorot start and fixed order",
    )


def _celsius(name, section, network, shapes, inputs):
    return Pair(
        name,
        f"seed 004, {section}",
        network=network,
        optimizer=lambda m: m.Adam(0.1),
        start=lambda: data.start(shapes, seed=0),
        data=inputs,
        epochs=500,
    )


def _degrees():
    return np.array(data.CELSIUS, dtype=float), np.array(data.FAHRENHEIT, dtype=float)


TEXTBOOK = "the book's form, without Keras's epsilon or start; Keras has no class for it"


BOOK_ROWS = (
    _dense("dense-2-2", "411"),
    _dense("dense-3-3", "412"),
    _dense("dense-2-1", "413"),
    _dense("dense-1-1", "414"),
    _two_layer("linear-2-2-2", "415", "Linear", _same("Linear")),
    _two_layer("sigmoid-2-2-2", "416_1", "Sigmoid", _same("Sigmoid")),
    _two_layer("tanh-2-2-2", "416_3", "Tanh", _same("Tanh")),
    _two_layer("relu-2-2-2", "416_5", "ReLU", _same("ReLU")),
    _two_layer("sigmoid-softmax-2-2-2", "417_1", "Sigmoid", _softmax, data.ONE_HOT),
    _two_layer("tanh-softmax-2-2-2", "417_3", "Tanh", _softmax, data.ONE_HOT),
    _two_layer("relu-softmax-2-2-2", "417_5 and 418", "ReLU", _softmax, data.ONE_HOT),
    _descent("descent-left", "seed 001, 424_2", lambda m: m.SGD(0.5), p=0.0),
    _descent("descent-right", "seed 001, 424_3", lambda m: m.SGD(0.5)),
    _descent("momentum", "seed 001, 431", lambda m: m.Momentum(0.5, 0.5)),
    _descent(
        "nesterov-look-ahead",
        "seed 000, 1-9",
        lambda m: m.NesterovLookAhead(0.1, 0.9),
        keras=None,
        note="the gradient at the point ahead of the weight; Keras's variable is that point",
    ),
    _descent(
        "adagrad-textbook",
        "seed 001, 432",
        lambda m: m.AdagradTextbook(0.5),
        keras=None,
        note=TEXTBOOK,
    ),
    _descent(
        "rmsprop-textbook",
        "seed 001, 433",
        lambda m: m.RMSpropTextbook(0.5, 0.9),
        keras=None,
        note=TEXTBOOK,
    ),
    _descent(
        "adam-textbook",
        "seed 001, 434",
        lambda m: m.AdamTextbook(0.5, 0.9, 0.999, 1e-8),
        keras=None,
        note=TEXTBOOK,
    ),
    _descent("adagrad", "seed 001, 432, Keras's form", lambda m: m.Adagrad(0.5)),
    _descent("rmsprop", "seed 001, 433, Keras's form", lambda m: m.RMSprop(0.5)),
    _descent("adam", "seed 001, 434, Keras's form", lambda m: m.Adam(0.5)),
    _rmse("quadratic-rmse", "seed 000, 1-1", lambda m: m.SGD(0.01), epochs=1000),
    _rmse("quadratic-rmse-momentum", "seed 000, 1-2", lambda m: m.Momentum(0.01, 0.7), epochs=300),
    _rmse("quadratic-rmse-adam", "seed 000, 1-3", lambda m: m.Adam(0.05), epochs=300),
    *_features("rmsprop", "seed 000, 1-5", lambda m: m.RMSprop(0.05), "model"),
    *_features("adam", "seed 000, 1-6", lambda m: m.Adam(0.05), "functional"),
    Pair(
        "iris-softmax",
        "seed 003, 5",
        network=lambda m: m.OneLayer(m.SoftmaxOutput()),
        optimizer=lambda m: m.SGD(0.001),
        start=lambda: (np.zeros((4, 3)), np.zeros((1, 3))),
        data=data.iris,
        epochs=100_001,
    ),
    Pair(
        "iris-minibatch",
        "seed 003, 5, in Keras's default batches of 32",
        network=lambda m: m.OneLayer(m.SoftmaxOutput()),
        optimizer=lambda m: m.SGD(0.001),
        start=lambda: (np.zeros((4, 3)), np.zeros((1, 3))),
        data=data.iris,
        epochs=200,
        batch_size=32,
        note="150 samples in fixed order: four batches of 32 and a last one of 22",
    ),
    _celsius("celsius-1", "01-1", lambda m: m.OneLayer(), (1, 1), _degrees),
    _celsius("celsius-1-4-4-1", "01-1", lambda m: m.Multilayer(3), (1, 4, 4, 1), _degrees),
    _celsius("celsius-3-2-1", "01-3", lambda m: m.Multilayer(2), (3, 2, 1), data.three_readings),
)
