"""Every optimizer alone, on given gradients; options, schedules, tables that are looked up."""

from functools import cache, partial
from math import prod

import numpy as np

from equivalence import trees
from equivalence.steps.pair import Pair

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


def given(name, source, optimizer, shapes=SHAPES, group="optimizers"):
    """Return the row of an optimizer alone, on given gradients of variables of these shapes."""
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
    given(f"given-{name}", GIVEN, optimizer, MATRICES.get(name, SHAPES))
    for name, optimizer in OPTIMIZERS.items()
)


OPTION_ROWS = (
    *(
        given(
            f"option-{name}",
            "the base class's option, with momentum, variables of rank 0 to 4",
            partial(OPTIMIZERS["momentum"], **options),
            RANKS,
            "options",
        )
        for name, options in OPTIONS.items()
    ),
    *(
        given(
            f"schedule-{name}",
            "a learning-rate schedule, with momentum",
            lambda m, schedule=schedule: m.Momentum(schedule(m), 0.85),
            group="options",
        )
        for name, schedule in SCHEDULES.items()
    ),
    given(
        "option-loss-scale-optimizer",
        "dynamic loss scaling around Adam",
        lambda m: m.LossScaleOptimizer(OPTIMIZERS["adam"](m), 2.0**10, 9),
        RANKS,
        "options",
    ),
    *(
        given(
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
