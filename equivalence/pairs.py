"""The table of pairs: each row builds one training run on both sides.

To add a pair, write its file in ``refimpl`` and its twin in ``tfimpl``, and add
a row here; every test, command and page takes it from this table.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from difflib import get_close_matches
from functools import cache

import numpy as np

from equivalence import data, sides


@dataclass(frozen=True)
class Pair:
    """One network, one optimizer, one set of data, on both sides.

    name: as the command line knows it.
    source: seed and section.
    network, optimizer: build the twin from a namespace (``equivalence.sides``).
    start: the weights before the first step, in the order of ``weight_names``.
    inputs, targets: (samples, ...) arrays.
    epochs: how often the source goes through the data.
    batch_size: samples a step, in fixed order; None takes all.  The last batch of an
        epoch has what is left.
    keras: the method of the network's twin that makes the Keras model, "model"
        (Sequential) or "functional"; None where Keras has no such classes.
    note: what a reader should know about it.
    group: "books", what ``verify`` runs by itself, "optimizers" or "axes".
    """

    name: str
    source: str
    network: Callable
    optimizer: Callable
    start: Callable
    data: Callable
    epochs: int
    batch_size: int | None = None
    keras: str | None = "model"
    note: str = ""
    group: str = "books"

    def batches(self, dtype):
        """Return inputs and targets as (batches, batch_size, ...) arrays.

        A smaller last batch is filled up with zeros; ``last`` says what it really has.
        """
        arrays = (np.asarray(a, dtype=dtype) for a in self.data())
        return tuple(_in_batches(a, self.batch_size or len(a)) for a in arrays)

    @property
    def last(self):
        """The samples of the last batch where it is smaller than the others, else None."""
        samples = len(self.data()[0])
        return samples % (self.batch_size or samples) or None

    def weights(self, dtype):
        """Return the weights before the first step."""
        return tuple(np.asarray(w, dtype=dtype) for w in self.start())

    @property
    def steps_per_epoch(self):
        samples = len(self.data()[0])
        return math.ceil(samples / (self.batch_size or samples))

    @property
    def files(self):
        """The files of the twins, relative to either tree, in reading order."""
        m = sides.reference()
        found = [*_modules(self.network(m)), *_modules(self.optimizer(m)), "refimpl.training"]
        paths = [name.removeprefix("refimpl.").replace(".", "/") + ".py" for name in found]
        return tuple(dict.fromkeys(paths))


def _in_batches(array, size):
    """Return (batches, size, ...) of (samples, ...), filled up with zeros."""
    missing = -len(array) % size
    filled = np.concatenate([array, np.zeros((missing, *array.shape[1:]), array.dtype)])
    return filled.reshape(-1, size, *array.shape[1:])


def _modules(part):
    """Yield the modules of a network or optimizer and of its pieces."""
    if type(part).__module__.startswith("refimpl."):
        yield type(part).__module__
        if is_dataclass(part):
            for field in fields(part):
                yield from _modules(getattr(part, field.name))


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


# ---------------------------------------------- every optimizer on given gradients

SHAPES = ((3, 4), (4, 2), (1, 4), (1, 1))
GIVEN_STEPS = 100


@cache
def given_gradients():
    """Return 100 steps of gradients of both signs from 1e-5 to 1, with zeros among them."""
    rng = np.random.default_rng(0)
    shape = (GIVEN_STEPS, sum(rows * columns for rows, columns in SHAPES))
    values = rng.choice((-1.0, 1.0), shape) * 10 ** rng.uniform(-5, 0, shape)
    return np.where(rng.random(shape) < 0.05, 0.0, values), np.zeros((GIVEN_STEPS, 1))


def _given_start():
    rng = np.random.default_rng(1)
    return tuple(rng.normal(size=shape) * 0.1 for shape in SHAPES)


def _given(name, optimizer, keras="model", note=""):
    return Pair(
        f"given-{name}",
        "the optimizer alone, every hyperparameter off its default",
        network=lambda m: m.GivenGradients(SHAPES),
        optimizer=optimizer,
        start=_given_start,
        data=given_gradients,
        epochs=1,
        batch_size=1,
        keras=keras,
        note=note,
        group="optimizers",
    )


OPTIMIZER_ROWS = (
    _given("sgd", lambda m: m.SGD(0.03)),
    _given("momentum", lambda m: m.Momentum(0.03, 0.85)),
    _given("nesterov", lambda m: m.Nesterov(0.03, 0.85)),
    _given("adagrad", lambda m: m.Adagrad(0.03, 0.02, 1e-5)),
    _given("rmsprop", lambda m: m.RMSprop(0.003, 0.85, 1e-5)),
    _given("rmsprop-centered", lambda m: m.RMSpropCentered(0.003, 0.85, 1e-5)),
    _given("rmsprop-momentum", lambda m: m.RMSpropMomentum(0.003, 0.85, 0.7, 1e-5)),
    _given(
        "rmsprop-centered-momentum",
        lambda m: m.RMSpropCenteredMomentum(0.003, 0.85, 0.7, 1e-5),
    ),
    _given("adadelta", lambda m: m.Adadelta(0.7, 0.85, 1e-5)),
    _given("adam", lambda m: m.Adam(0.003, 0.85, 0.95, 1e-5)),
    _given("amsgrad", lambda m: m.AMSGrad(0.003, 0.85, 0.95, 1e-5)),
    _given("adamw", lambda m: m.AdamW(0.003, 0.85, 0.95, 1e-5, weight_decay=0.03)),
    _given("adamax", lambda m: m.Adamax(0.003, 0.85, 0.95, 1e-5)),
    _given("nadam", lambda m: m.Nadam(0.003, 0.85, 0.95, 1e-5)),
    _given("ftrl", lambda m: m.Ftrl(0.03, -0.4, 0.2, 0.003, 0.02, 0.01, 0.3)),
    _given("lion", lambda m: m.Lion(0.003, 0.85, 0.95)),
    _given("lamb", lambda m: m.Lamb(0.003, 0.85, 0.95, 1e-5)),
    _given(
        "schedule-free-adamw",
        lambda m: m.ScheduleFreeAdamW(0.003, 0.85, 0.95, 1e-5, 10),
    ),
    _given("adafactor", lambda m: m.Adafactor(0.003, -0.7, 1e-20, 0.3, 0.9, False)),
)

# ------------------------------------------- what shows a call path, a switch, a device


def _saturated():
    """Return a sample whose logits are 40, 0, -40, and the class that is least likely."""
    return np.array([[40.0, 0, -40, 0]]), np.array([[0.0, 0, 1]])


def _square(shape, seed):
    return np.random.default_rng(seed).normal(size=shape)


AXES_ROWS = (
    Pair(
        "saturated-softmax",
        "logits 40, 0, -40: the gradient changes with the call path",
        network=lambda m: m.OneLayer(m.SoftmaxOutput()),
        optimizer=lambda m: m.SGD(0.001),
        start=lambda: (np.eye(4, 3), np.zeros((1, 3))),
        data=_saturated,
        epochs=20,
        group="axes",
    ),
    Pair(
        "square-64",
        "a matmul of 64 x 64 x 64: where TF32 and the order of a sum show",
        network=lambda m: m.OneLayer(),
        optimizer=lambda m: m.SGD(0.01),
        start=lambda: (_square((64, 64), 0), np.zeros((1, 64))),
        data=lambda: (_square((64, 64), 1), _square((64, 64), 2)),
        epochs=20,
        group="axes",
    ),
)

ROWS = (*BOOK_ROWS, *OPTIMIZER_ROWS, *AXES_ROWS)
PAIRS = {row.name: row for row in ROWS}


def find(name: str) -> Pair:
    """Return the pair of that name; raise ValueError that names the choices."""
    if name in PAIRS:
        return PAIRS[name]
    close = get_close_matches(name, PAIRS, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(close)}? " if close else ""
    raise ValueError(f"unknown pair {name!r}: {hint}the pairs are {', '.join(PAIRS)}")
