"""The table of pairs: each row builds one training run on both sides.

To add a pair, write its file in ``refimpl`` and its twin in ``tfimpl``, and add
a row here; every test, command and page takes it from this table.
"""

from dataclasses import replace
from difflib import get_close_matches
from functools import cache, partial
from math import prod

import numpy as np

from equivalence import trees
from equivalence.pairs import data, layers, models
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

SHAPES = ((3, 4), (4,))
RANKS = ((), (3,), (3, 4), (2, 3, 2), (2, 1, 2, 3))
WIDE_TALL_SQUARE = ((3, 4), (4, 2), (4,), (1,), (3, 3))  # Muon lays the tall ones down
GIVEN_STEPS = 100


@cache
def given_gradients(shapes):
    """Return 100 steps of gradients of both signs from 1e-5 to 1, with zeros among them."""
    rng = np.random.default_rng(0)
    values = _spread(rng, (GIVEN_STEPS, sum(prod(shape) for shape in shapes)))
    return np.where(rng.random(values.shape) < 0.05, 0.0, values), np.zeros((GIVEN_STEPS, 1))


def _spread(rng, shape):
    """Return numbers of both signs whose magnitudes are spread from 1e-5 to 1."""
    return rng.choice((-1.0, 1.0), shape) * 10 ** rng.uniform(-5, 0, shape)


def _given_start(shapes):
    rng = np.random.default_rng(1)
    matrices = trees.reference().GivenGradients(shapes).matrices
    return tuple(rng.normal(size=shape) * 0.1 for shape in matrices)


TABLE, PLACES = (5, 3), 6


@cache
def looked_up():
    """Return 100 steps of 6 places in a table of 5 rows, so that some row occurs twice."""
    rng = np.random.default_rng(2)
    rows = rng.integers(TABLE[0], size=(GIVEN_STEPS * PLACES, 1))
    given = _spread(rng, (GIVEN_STEPS * PLACES, TABLE[1]))
    return np.concatenate([rows, given], axis=1), np.zeros((GIVEN_STEPS * PLACES, 1))


# Every optimizer, every hyperparameter off its default; ``options`` are the base class's.
OPTIMIZERS = {
    "sgd": lambda m, **options: m.SGD(0.03, **options),
    "momentum": lambda m, **options: m.Momentum(0.03, 0.85, **options),
    "nesterov": lambda m, **options: m.Nesterov(0.03, 0.85, **options),
    "adagrad": lambda m, **options: m.Adagrad(0.03, 0.02, 1e-5, **options),
    "rmsprop": lambda m, **options: m.RMSprop(0.003, 0.85, 1e-5, **options),
    "rmsprop-centered": lambda m, **options: m.RMSpropCentered(0.003, 0.85, 1e-5, **options),
    "rmsprop-momentum": lambda m, **options: m.RMSpropMomentum(0.003, 0.85, 0.7, 1e-5, **options),
    "rmsprop-centered-momentum": lambda m, **options: m.RMSpropCenteredMomentum(
        0.003, 0.85, 0.7, 1e-5, **options
    ),
    "adadelta": lambda m, **options: m.Adadelta(0.7, 0.85, 1e-5, **options),
    "adam": lambda m, **options: m.Adam(0.003, 0.85, 0.95, 1e-5, **options),
    "amsgrad": lambda m, **options: m.AMSGrad(0.003, 0.85, 0.95, 1e-5, **options),
    "adamw": lambda m, **options: m.AdamW(
        0.003, 0.85, 0.95, 1e-5, **{"weight_decay": 0.03, **options}
    ),
    "adamax": lambda m, **options: m.Adamax(0.003, 0.85, 0.95, 1e-5, **options),
    "nadam": lambda m, **options: m.Nadam(0.003, 0.85, 0.95, 1e-5, **options),
    "ftrl": lambda m, **options: m.Ftrl(0.03, -0.4, 0.2, 0.003, 0.02, 0.01, 0.3, **options),
    "lion": lambda m, **options: m.Lion(0.003, 0.85, 0.95, **options),
    "lamb": lambda m, **options: m.Lamb(0.003, 0.85, 0.95, 1e-5, **options),
    "schedule-free-adamw": lambda m, **options: m.ScheduleFreeAdamW(
        0.003, 0.85, 0.95, 1e-5, 10, **options
    ),
    "adafactor": lambda m, **options: m.Adafactor(0.003, -0.7, 1e-20, 0.3, 0.9, False, **options),
    "muon": lambda m, **options: m.Muon(
        *(0.03, 0.85, 0.95, 0.02, 1e-5, 3.3, -4.6, 2.1, 0.7, 0.85, 4, False, 0.3),
        **{"weight_decay": 0.03, **options},
    ),
    # Jordan's numbers, with nesterov, and without decay and scale
    "muon-nesterov": lambda m, **options: m.Muon(
        0.03, adam_weight_decay=None, rms_rate=None, **{"weight_decay": None, **options}
    ),
}
# Optimizers to which a variable of rank above 2 is not the matrix that it is here.
UP_TO_MATRICES = ((3, 4), (4, 2), (4,), (1,))
MATRICES = {
    "adafactor": UP_TO_MATRICES,
    "muon": WIDE_TALL_SQUARE,
    "muon-nesterov": WIDE_TALL_SQUARE,
}
# Keras's Muon updates an embedding by Adam, by its name.
NOT_LOOKED_UP = ("muon", "muon-nesterov")


def _given(name, source, optimizer, shapes=SHAPES, group="optimizers"):
    return Pair(
        name,
        source,
        network=lambda m: m.GivenGradients(shapes),
        optimizer=optimizer,
        start=lambda: _given_start(shapes),
        data=lambda: given_gradients(shapes),
        epochs=1,
        batch_size=1,
        group=group,
    )


def _looked_up(name, optimizer):
    return Pair(
        f"look-up-{name}",
        "the optimizer alone, on a table whose rows are looked up",
        network=lambda m: m.LookUp(),
        optimizer=optimizer,
        start=lambda: (np.random.default_rng(1).normal(size=TABLE) * 0.1,),
        data=looked_up,
        epochs=1,
        batch_size=PLACES,
        group="look-up",
    )


# What the base class does around every optimizer, one option at a time.
OPTIONS: dict[str, dict] = {
    "weight-decay": {"weight_decay": 0.03},
    "weight-decay-but-for-two": {"weight_decay": 0.03, "exclude_from_weight_decay": (1, 3)},
    "clipvalue": {"clipvalue": 0.07},
    "clipnorm": {"clipnorm": 0.3},
    "global-clipnorm": {"global_clipnorm": 0.7},
    "average": {"use_ema": True, "ema_momentum": 0.9},
    "average-overwrites": {"use_ema": True, "ema_momentum": 0.9, "ema_overwrite_frequency": 7},
    "accumulation": {"gradient_accumulation_steps": 3},
    "loss-scale": {"loss_scale_factor": 1024.0},
}
# All of them together.
ALL_OPTIONS: dict = {
    **OPTIONS["weight-decay-but-for-two"],
    **OPTIONS["average-overwrites"],
    **OPTIONS["accumulation"],
    **OPTIONS["clipnorm"],
    **OPTIONS["loss-scale"],
}
# Every schedule of keras.optimizers.schedules, ending within the 100 steps.  Steps over
# a power of 2 are exact, so that rounding does not decide where a staircase falls.
SCHEDULES = {
    "exponential": lambda m: m.ExponentialDecay(0.03, 30, 0.7),
    "exponential-staircase": lambda m: m.ExponentialDecay(0.03, 32, 0.7, True),
    "inverse-time": lambda m: m.InverseTimeDecay(0.03, 30, 0.7),
    "inverse-time-staircase": lambda m: m.InverseTimeDecay(0.03, 32, 0.7, True),
    "piecewise-constant": lambda m: m.PiecewiseConstantDecay((20, 60), (0.03, 0.01, 0.003)),
    "polynomial": lambda m: m.PolynomialDecay(0.03, 64, 0.002, 1.7),
    "polynomial-cycle": lambda m: m.PolynomialDecay(0.03, 32, 0.002, 1.7, True),
    "cosine": lambda m: m.CosineDecay(0.03, 70, 0.1),
    "cosine-warmup": lambda m: m.CosineDecay(0.003, 60, 0.1, 0.03, 20),
    "cosine-restarts": lambda m: m.CosineDecayRestarts(0.03, 19, 1.7, 0.8, 0.1),
}
GIVEN = "the optimizer alone, every hyperparameter off its default"

OPTIMIZER_ROWS = tuple(
    _given(f"given-{name}", GIVEN, optimizer, MATRICES.get(name, SHAPES))
    for name, optimizer in OPTIMIZERS.items()
)
OPTION_ROWS = (
    *(
        _given(
            f"option-{name}",
            "the base class's option, with momentum, variables of rank 0 to 4",
            partial(OPTIMIZERS["momentum"], **options),
            RANKS,
            "options",
        )
        for name, options in OPTIONS.items()
    ),
    *(
        _given(
            f"schedule-{name}",
            "a learning-rate schedule, with momentum",
            lambda m, schedule=schedule: m.Momentum(schedule(m), 0.85),
            group="options",
        )
        for name, schedule in SCHEDULES.items()
    ),
    _given(
        "option-loss-scale-optimizer",
        "dynamic loss scaling around Adam",
        lambda m: m.LossScaleOptimizer(OPTIMIZERS["adam"](m), 2.0**10, 9),
        RANKS,
        "options",
    ),
    *(
        _given(
            f"options-{name}",
            "the optimizer with all of the base class's options",
            partial(optimizer, **ALL_OPTIONS),
            MATRICES.get(name, RANKS),
            "options",
        )
        for name, optimizer in OPTIMIZERS.items()
    ),
)
LOOK_UP_ROWS = tuple(
    _looked_up(name, optimizer)
    for name, optimizer in OPTIMIZERS.items()
    if name not in NOT_LOOKED_UP
)


def _normal(shape, seed):
    return np.random.default_rng(seed).normal(size=shape)


# Every optimizer trains the 2-2-2 networks and iris.
TRAINED = {"iris-softmax": "iris"} | {
    row.name: row.name for row in BOOK_ROWS if row.name.endswith("-2-2-2")
}
# From zeros iris has a first gradient of the bias that is 0 but for rounding, as its classes
# are equally many: an optimizer that divides by the gradient's size steps by what rounding left.
TRAINED_FROM = {"iris-softmax": lambda: (_normal((4, 3), 5), _normal((1, 3), 6))}
TRAINING_ROWS = tuple(
    replace(
        row,
        name=f"train-{TRAINED[row.name]}-{name}",
        start=TRAINED_FROM.get(row.name, row.start),
        optimizer=optimizer,
        epochs=50,
        group="training",
    )
    for row in BOOK_ROWS
    if row.name in TRAINED
    for name, optimizer in OPTIMIZERS.items()
)

# ------------------------------------------- what shows a call path, a switch, a device


def _saturated():
    """Return a sample whose logits are 40, 0, -40, and the class that is least likely."""
    return np.array([[40.0, 0, -40, 0]]), np.array([[0.0, 0, 1]])


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
        start=lambda: (_normal((64, 64), 0), np.zeros((1, 64))),
        data=lambda: (_normal((64, 64), 1), _normal((64, 64), 2)),
        epochs=20,
        group="axes",
    ),
)

ROWS = (
    *BOOK_ROWS,
    *OPTIMIZER_ROWS,
    *OPTION_ROWS,
    *LOOK_UP_ROWS,
    *TRAINING_ROWS,
    *AXES_ROWS,
    *layers.ROWS,
    *models.ROWS,
)
PAIRS = {row.name: row for row in ROWS}


def find(name: str) -> Pair:
    """Return the pair of that name; raise ValueError that names the choices."""
    if name in PAIRS:
        return PAIRS[name]
    close = get_close_matches(name, PAIRS, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(close)}? " if close else ""
    raise ValueError(f"unknown pair {name!r}: {hint}the pairs are {', '.join(PAIRS)}")
