"""What the optimizer base class does around every update, and optimizers in training."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.turns import in_turn, named, one_in, thinned

from equivalence.engines import build as tensorflow_runner
from equivalence.judge.verdict import BIT_IDENTICAL, DIFFERENT
from equivalence.pairs.optimizers import LOOK_UP_ROWS, OPTIMIZER_ROWS, OPTIMIZERS, OPTION_ROWS
from equivalence.pairs.training import TRAINING_ROWS
from equivalence.results.result import Spec
from equivalence.runs.run import judge_with_defects, run
from equivalence.steps.program import program
from refimpl import optimizers

pytestmark = pytest.mark.tensorflow

# Without a norm, a mean or a power of an array only IEEE operations occur, in one order.
NORMS = ("clipnorm", "loss-scale-optimizer", "options-")


def as_expected(pair, dtype, twin, engine, epochs=1):
    result = run(Spec(pair.name, dtype, twin, engine, epochs=epochs))
    assert result.expected, result.reason
    if result.verdict == DIFFERENT:
        assert "with its model" in result.reason
    return result


IN_A_PRECISION = in_turn(OPTION_ROWS, ("float32", "float64"))


# Keras's optimizers take three times as long in a hundred eager steps as in a graph of the same
# Python; ``verify --group options`` has every row in both.
@pytest.mark.parametrize(("pair", "dtype"), thinned(12, IN_A_PRECISION), ids=named)
def test_an_option_is_what_keras_does(pair, dtype):
    as_expected(pair, dtype, "keras", "eager")


@pytest.mark.parametrize(("pair", "dtype"), IN_A_PRECISION, ids=named)
def test_an_option_is_what_keras_does_in_a_graph(pair, dtype):
    as_expected(pair, dtype, "keras", "graph")


@pytest.mark.parametrize("pair", thinned(3, OPTION_ROWS[:10]), ids=named)
def test_the_explicit_twin_of_an_option_has_the_references_bits(pair):
    result = as_expected(pair, "float32", "tape", "eager")
    if not any(word in pair.name for word in NORMS):
        assert result.verdict == BIT_IDENTICAL


@pytest.mark.parametrize("engine", thinned(3, ["eager", "xla", "fit"]))
def test_all_options_together_on_the_other_engines(engine):
    as_expected(
        next(p for p in OPTION_ROWS if p.name == "options-adam"), "float32", "keras", engine
    )


@pytest.mark.parametrize("pair", LOOK_UP_ROWS, ids=named)
def test_a_table_that_is_looked_up(pair):
    as_expected(pair, "float32", "keras", "graph")


# Each optimizer trains a 2-2-2 network here, every third iris; ``verify --group training`` all.
ENGINES = ("eager", "graph", "xla", "fit")
NETWORKS = [row.name.removesuffix("sgd") for row in TRAINING_ROWS if row.name.endswith("-sgd")]
BOOKS = [name for name in NETWORKS if "iris" not in name]  # seven: each meets every engine
TRAINED = [(BOOKS[k % len(BOOKS)], ENGINES[k % 4]) for k in range(4 * len(BOOKS))]
ON_IRIS = [("train-iris-", engine) for engine in ENGINES]


@pytest.mark.parametrize(
    ("optimizer", "turn"),
    [
        *thinned(8, in_turn(OPTIMIZERS, TRAINED), row=2),
        *thinned(8, in_turn(one_in(3, OPTIMIZERS), ON_IRIS), row=2),
    ],
    ids=named,
)
def test_an_optimizer_trains_for_fifty_epochs(optimizer, turn):
    network, engine = turn
    pair = next(row for row in TRAINING_ROWS if row.name == network + optimizer)
    assert as_expected(pair, "float32", "keras", engine, epochs=50).steps == 50


# ------------------------------------------------- what no pair of the table can show


def keras_steps(optimizer, start, gradients):
    """Return the weights after each of Keras's steps."""
    variables = [keras.Variable(w) for w in start]
    optimizer.build(variables)
    weights = []
    for given in gradients:
        optimizer.apply([None if g is None else tf.constant(g) for g in given], variables)
        weights.append([v.numpy() for v in variables])
    return weights


def reference_steps(optimizer, start, gradients):
    """Return the weights after each of the reference's steps."""
    weights, slots = start, tuple(optimizer.build_all(w) for w in start)
    record = []
    for step, given in enumerate(gradients, start=1):
        weights, slots = optimizer.apply(weights, given, slots, np.float32(step))
        record.append(weights)
    return record


def test_a_step_whose_scaled_gradients_overflow_is_left_out_and_halves_the_scale():
    """Powers of 2 scale without rounding, so the bits agree through every overflow."""
    rng = np.random.default_rng(0)
    start = tuple(rng.normal(size=shape).astype("float32") for shape in ((2, 3), (1, 3)))
    gradients = [[rng.normal(size=w.shape).astype("float32") for w in start] for _ in range(12)]
    for which in (3, 4, 8):
        gradients[which][0][1, 2] = np.inf
    gradients[9][1][0, 0] = np.nan
    ours = optimizers.LossScaleOptimizer(optimizers.Momentum(0.03, 0.85), 2.0**4, 2)
    theirs = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.03, 0.85), 2.0**4, 2)
    with np.errstate(all="ignore"):
        found = reference_steps(ours, start, gradients)
    assert np.array_equal(found[3][0], found[2][0])
    assert not np.array_equal(found[5][0], found[4][0])
    for mine, keras_weights in zip(found, keras_steps(theirs, start, gradients), strict=True):
        for a, b in zip(mine, keras_weights, strict=True):
            assert np.array_equal(a, b)


def test_a_variable_without_a_gradient_stays_as_it_is():
    """Keras leaves out a variable whose gradient is None; the reference is not given it."""
    rng = np.random.default_rng(1)
    start = tuple(rng.normal(size=(2, 3)).astype("float32") for _ in range(2))
    gradients = [rng.normal(size=(2, 3)).astype("float32") for _ in range(5)]
    options = {"weight_decay": 0.1, "clipvalue": 0.5}
    theirs = keras.optimizers.SGD(0.03, 0.85, **options)
    with pytest.warns(UserWarning, match="Gradients do not exist"):
        found = keras_steps(theirs, start, [(g, None) for g in gradients])
    ours = reference_steps(
        optimizers.Momentum(0.03, 0.85, **options), start[:1], [(g,) for g in gradients]
    )
    assert all(np.array_equal(weights[1], start[1]) for weights in found)
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(ours, found, strict=True))


@pytest.mark.parametrize("pair", thinned(8, OPTIMIZER_ROWS), ids=named)
def test_steps_whose_gradients_are_all_zero_are_certified(pair):
    """The first step, and one after a step with gradients."""
    given = program(pair, "float32")
    inputs = given.inputs[:3].copy()
    inputs[[0, 2]] = 0
    if pair.name == "given-adafactor":  # NaN after a first step without any: see the departures
        inputs[0] = given.inputs[3]
    given = replace(given, inputs=inputs, targets=given.targets[:3])
    runner = tensorflow_runner.runner(pair, given, "keras", "eager")
    trajectory = runner.run(given, runner.start(given), 3)
    spec = Spec(pair.name, "float32", "keras", "eager", epochs=1)
    said = judge_with_defects(given, trajectory, spec, epoch_steps=3)
    assert said.expected, said.reason


# ------------------------------------------------------------------------ bad input

BAD = [
    ("two clippings", {"clipnorm": 1.0, "clipvalue": 0.5}, "clipnorm=1.0 and clipvalue=0.5"),
    ("three clippings", {"clipnorm": 1.0, "clipvalue": 0.5, "global_clipnorm": 2.0}, "global"),
    ("a negative norm", {"clipnorm": -1.0}, "clipnorm must be"),
    ("a momentum above 1", {"use_ema": True, "ema_momentum": 1.5}, "ema_momentum must be"),
    ("no overwriting", {"use_ema": True, "ema_overwrite_frequency": 0}, "1 or above"),
    ("one accumulation step", {"gradient_accumulation_steps": 1}, "2 or above"),
    ("half a step", {"gradient_accumulation_steps": 2.5}, "2 or above"),
    ("a negative decay", {"weight_decay": -0.1}, "weight_decay must be"),
    ("a negative rate", {"learning_rate": -0.1}, "learning_rate must be"),
    ("a word for a rate", {"learning_rate": "fast"}, "'fast'"),
    ("a negative beta", {"beta_1": -0.1}, "beta_1 must be"),
    ("a beta of 1", {"beta_2": 1.0}, "beta_2 must be"),
]


@pytest.mark.parametrize(("what", "options", "words"), BAD, ids=[row[0] for row in BAD])
def test_bad_options_are_refused_with_the_value_and_the_reason(what, options, words):
    with pytest.raises(ValueError, match=words):
        optimizers.Adam(**options)


def test_shapes_that_do_not_match_are_refused():
    weights = (np.zeros((2, 3)),)
    adam = optimizers.Adam()
    slots = tuple(adam.build_all(w) for w in weights)
    with pytest.raises(ValueError, match=r"gradient 0 has the shape \(3, 2\).*\(2, 3\)"):
        adam.apply(weights, (np.zeros((3, 2)),), slots, 1.0)
    with pytest.raises(ValueError, match="1 variables and 2 gradients"):
        adam.apply(weights, (weights[0], weights[0]), slots, 1.0)
