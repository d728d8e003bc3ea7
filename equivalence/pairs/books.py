"""The rows of the books: the networks of text 001, and the descents of all texts."""

from dataclasses import replace

import numpy as np

from equivalence.pairs import data
from equivalence.steps.pair import Pair
from equivalence.texts import at


def _book(section, targets=None):
    """Return the start and data of a row of text 001."""
    weights, inputs, book_targets = data.BOOK[section]
    return {
        "start": lambda: weights,
        "data": lambda: (np.array(inputs), np.array(targets or book_targets)),
    }


def _dense(name, section):
    return Pair(
        name,
        at("001", f"{section}_1 {section}_2"),
        network=lambda m: m.OneLayer(),
        optimizer=lambda m: m.SGD(0.01),
        **_book(section),
        epochs=200,
    )


def _two_layer(name, numbers, hidden, output, targets=None, also=()):
    """Return a row of 2-2-2; ``also`` are sections of other texts."""
    return Pair(
        name,
        at("001", numbers) + also,
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
        _feature(f"quadratic-{kind}-{name}", source + at("000", "1-13"), optimizer, keras, size)
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
        note="the text's start and shuffle are unknown; here Glorot start and fixed order",
    )


def _celsius(name, numbers, network, shapes, inputs, note=""):
    return Pair(
        name,
        at("004", numbers),
        network=network,
        optimizer=lambda m: m.Adam(0.1),
        start=lambda: data.start(shapes, seed=0),
        data=inputs,
        epochs=500,
        note=note,
    )


def _degrees():
    return np.array(data.CELSIUS, dtype=float), np.array(data.FAHRENHEIT, dtype=float)


TEXTBOOK = "the book's form, without Keras's epsilon or start; Keras has no class for it"


KERAS = "Keras's form of it"


def _half_sum(name, section):
    """Return the row of a network with the book's earlier error, half of the sum of squares."""
    return replace(
        _dense(name, section),
        name=f"{name}-half-sum",
        source=at("001", "01"),
        network=lambda m: m.OneLayer(m.Output(loss=m.HalfSquaredError())),
        note="half the sum of squares: of n outputs n / 2 times the gradient of their mean",
    )


BOOK_ROWS = (
    _dense("dense-2-2", "411"),
    _dense("dense-3-3", "412"),
    _dense("dense-2-1", "413"),
    _dense("dense-1-1", "414"),
    _half_sum("dense-2-2", "411"),
    _half_sum("dense-3-3", "412"),
    _two_layer("linear-2-2-2", "415_1 415_2", "Linear", _same("Linear")),
    _two_layer(
        "sigmoid-2-2-2",
        "416_1 416_2",
        "Sigmoid",
        _same("Sigmoid"),
        also=at("000", "4-3 4-6") + at("003", "A1"),
    ),
    _two_layer("tanh-2-2-2", "416_3 416_4", "Tanh", _same("Tanh")),
    _two_layer("relu-2-2-2", "416_5 416_6", "ReLU", _same("ReLU")),
    _two_layer("sigmoid-softmax-2-2-2", "417_1 417_2", "Sigmoid", _softmax, data.ONE_HOT),
    _two_layer("tanh-softmax-2-2-2", "417_3 417_4", "Tanh", _softmax, data.ONE_HOT),
    _two_layer("relu-softmax-2-2-2", "417_5 417_6 418_1 418_2", "ReLU", _softmax, data.ONE_HOT),
    _descent("descent-left", at("001", "424_1 424_2"), lambda m: m.SGD(0.5), p=0.0),
    _descent("descent-right", at("001", "424_3") + at("002", "descent"), lambda m: m.SGD(0.5)),
    _descent(
        "momentum",
        at("001", "431_1") + at("002", "descent") + at("000", "1-9"),
        lambda m: m.Momentum(0.5, 0.5),
    ),
    _descent(
        "nesterov-look-ahead",
        at("000", "1-9"),
        lambda m: m.NesterovLookAhead(0.1, 0.9),
        keras=None,
        note="the gradient at the point ahead of the weight; Keras's variable is that point",
    ),
    _descent(
        "adagrad-textbook",
        at("001", "432_1"),
        lambda m: m.AdagradTextbook(0.5),
        keras=None,
        note=TEXTBOOK,
    ),
    _descent(
        "rmsprop-textbook",
        at("001", "433_1"),
        lambda m: m.RMSpropTextbook(0.5, 0.9),
        keras=None,
        note=TEXTBOOK,
    ),
    _descent(
        "adam-textbook",
        at("001", "434_1") + at("000", "1-9"),
        lambda m: m.AdamTextbook(0.5, 0.9, 0.999, 1e-8),
        keras=None,
        note=TEXTBOOK,
    ),
    _descent(
        "adagrad", at("001", "432_1") + at("000", "1-9"), lambda m: m.Adagrad(0.5), note=KERAS
    ),
    _descent(
        "rmsprop", at("001", "433_1") + at("000", "1-9"), lambda m: m.RMSprop(0.5), note=KERAS
    ),
    _descent("adam", at("001", "434_1") + at("000", "1-9"), lambda m: m.Adam(0.5), note=KERAS),
    _rmse("quadratic-rmse", at("000", "1-7"), lambda m: m.SGD(0.01), epochs=1000),
    _rmse(
        "quadratic-rmse-momentum", at("000", "1-10"), lambda m: m.Momentum(0.01, 0.7), epochs=300
    ),
    _rmse("quadratic-rmse-adam", at("000", "1-11"), lambda m: m.Adam(0.05), epochs=300),
    *_features("rmsprop", at("000", "1-14"), lambda m: m.RMSprop(0.05), "model"),
    *_features("adam", at("000", "1-12 1-15"), lambda m: m.Adam(0.05), "functional"),
    Pair(
        "iris-softmax",
        at("003", "B5"),
        network=lambda m: m.OneLayer(m.SoftmaxOutput()),
        optimizer=lambda m: m.SGD(0.001),
        start=lambda: (np.zeros((4, 3)), np.zeros((1, 3))),
        data=data.iris,
        epochs=100_001,
    ),
    Pair(
        "iris-minibatch",
        at("003", "C1"),
        network=lambda m: m.OneLayer(m.SoftmaxOutput()),
        optimizer=lambda m: m.SGD(0.001),
        start=lambda: (np.zeros((4, 3)), np.zeros((1, 3))),
        data=data.iris,
        epochs=200,
        batch_size=32,
        note="150 in Keras's batches of 32, in fixed order: four of 32 and a last one of 22",
    ),
    _celsius("celsius-1", "01-1 01-3", lambda m: m.OneLayer(), (1, 1), _degrees),
    _celsius("celsius-1-4-4-1", "01-1 01-3", lambda m: m.Multilayer(3), (1, 4, 4, 1), _degrees),
    _celsius(
        "celsius-3-2-1",
        "01-3",
        lambda m: m.Multilayer(2),
        (3, 2, 1),
        data.three_readings,
        note="the text has no data for it: its three columns are made here",
    ),
)
