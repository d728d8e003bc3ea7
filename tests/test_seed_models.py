"""The seeds' models: every row is certified, and what the seed says of it comes out."""

import numpy as np
import pytest
import tensorflow as tf
from helpers.turns import in_turn, named, thinned

from equivalence import trees
from equivalence.arithmetic import ExactArray
from equivalence.arithmetic.exact import precision
from equivalence.judge.certificate import rounding_model, usage
from equivalence.judge.verdict import UNDECIDED
from equivalence.pairs import models
from equivalence.pairs.models import convolution, digits, neurons, recurrent
from equivalence.pairs.models import topics as with_tests_of_their_own
from equivalence.pairs.table import PAIRS
from equivalence.results.result import Spec
from equivalence.runs.run import run
from equivalence.steps import numpy as numpy_runner
from equivalence.steps.program import program
from refimpl import regression
from tfimpl import regression as tf_regression

pytestmark = pytest.mark.tensorflow

ROWS = [row for row in models.ROWS if row not in with_tests_of_their_own.ROWS]
# Engines that compile a step; ``quick`` rows take one epoch of large steps.
QUICK = (
    ("tape", "graph", "float32"),
    ("keras", "fit", "float32"),
    ("keras", "graph", "float64"),
    ("keras", "train_on_batch", "float32"),
)


EAGER = (("keras", "eager", "float32"), ("keras", "eager", "float64"))
# Every row eagerly; what is compiled is mostly for the outer ring.
TURNS = [*in_turn(ROWS, EAGER), *thinned(6, in_turn(ROWS, QUICK))]


@pytest.mark.parametrize(("row", "turn"), TURNS, ids=named)
def test_an_engine_in_turn_is_certified(row, turn):
    twin, engine, dtype = turn
    if not row.keras:
        twin, engine = "tape", engine if engine in ("eager", "graph") else "graph"
    dtype = "float32" if row.quick else dtype
    result = run(Spec(pair=row.name, twin=twin, engine=engine, dtype=dtype, epochs=1))
    assert result.expected, result
    assert result.verdict not in UNDECIDED, result


def trained(name, dtype="float64"):
    """Return the program of a row, and NumPy's weights after all of its epochs."""
    pair = PAIRS[name]
    reference = program(pair, dtype)
    steps, state = pair.epochs * pair.steps_per_epoch, reference.start()
    for first in range(0, steps, 1000):
        state = numpy_runner.run(reference, state, min(1000, steps - first)).last_state
    return reference, tuple(state.weights.values())


def outputs(name, inputs):
    """Return what the trained network of a row gives for ``inputs``."""
    reference, weights = trained(name)
    forward = reference.network.forward(weights, inputs)
    return forward[0][-1] if isinstance(forward[0], tuple) else forward[-1]


# -------------------------------------------------------------------- seed 002


def test_a_neuron_learns_0_and_its_errors_are_the_seeds():
    """After 999 updates the seed prints 0.0103 from a random start: 1/x decay forgets it."""
    assert outputs("neuron", np.ones((1, 1))) == pytest.approx(0.0103, abs=2e-3)


def test_a_neuron_without_bias_cannot_leave_one_half_where_its_input_is_0():
    reference, weights = trained("neuron-stuck")
    assert np.array_equal(weights[0], reference.weights[0])
    assert outputs("neuron-stuck", np.zeros((1, 1))) == 0.5


def test_with_a_bias_it_can():
    assert outputs("neuron-bias", np.zeros((1, 1))) == pytest.approx(0.9906, abs=2e-3)


def test_a_neuron_learns_and():
    found = outputs("and-neuron", neurons.CORNERS)
    assert np.array_equal(found.round(), neurons.AND)
    # the seed's table 3.8, from another random start
    assert found.ravel() == pytest.approx([0.9644, 0.0252, 0.0253, 2.5e-5], abs=2e-3)


def test_a_neuron_cannot_learn_xor():
    """The seed's outputs are 0.5128, 0.5128, 0.5 and 0.5."""
    found = outputs("xor-neuron", neurons.CORNERS)
    assert found.ravel() == pytest.approx([0.5128, 0.5128, 0.5, 0.5], abs=1e-3)


@pytest.mark.parametrize(("name", "late"), [("cross-entropy", False), ("mean-square", True)])
def test_a_saturated_neuron_learns_by_cross_entropy_and_hardly_by_the_mean_square(name, late):
    """Text 000, 2-6: after fifty steps the one is right, the other has not left its start."""
    output = outputs(f"saturated-{name}", np.ones((1, 1))).item()
    assert (output > 0.95) if late else (output < 0.05)


def test_a_network_of_one_class_learns_nothing():
    """Text 003, C1: categorical_crossentropy of a single unit."""
    reference, weights = trained("functional-10-64-64-1")
    assert all(map(np.array_equal, weights, reference.weights))


@pytest.mark.parametrize(
    ("name", "more_than"), [("iris-4-8-3", 0.95), ("tumours-5-2", 0.9), ("tumours-5-8-4-1", 0.9)]
)
def test_classes_are_told_apart(name, more_than):
    inputs, targets = PAIRS[name].data()
    found = outputs(name, inputs)
    one = targets.shape[1] == 1
    right = (found > 0.5) == targets if one else found.argmax(axis=1) == targets.argmax(axis=1)
    assert np.mean(right) > more_than


def test_two_layers_can_learn_xor():
    found = outputs("xor-2-2-1", neurons.CORNERS)
    assert np.array_equal(found.round(), neurons.XOR)


def test_descent_comes_to_the_line_of_least_squares():
    x, y = (a.ravel() for a in neurons.population())
    a, b = regression.least_squares(x, y)
    assert (f"{a:.15f}", f"{b:.12f}") == ("-0.355834147915461", "15.669317743971")
    _, (kernel, bias) = trained("population")
    assert (kernel[0, 0], bias[0, 0]) == pytest.approx((a, b), abs=2e-4)


def test_wine_is_told_apart():
    inputs, kinds = neurons.wine()
    found = outputs("wine-12-48-24-12-2", inputs)
    assert np.mean(found.argmax(axis=1) == kinds.argmax(axis=1)) > 0.85


# -------------------------------------------------------------------- seed 003


def test_pseudo_inverse_polyfit_and_least_squares_agree_with_the_seed():
    x, y = (a.ravel() for a in digits.points())
    A = np.stack([x, np.ones_like(x)], axis=1)
    by_inverse = regression.left_inverse(A) @ y
    assert [f"{v:.8f}" for v in by_inverse] == ["0.87493126", "-26.79078617"]
    assert by_inverse == pytest.approx(np.polyfit(x, y, 1), rel=1e-12)
    assert by_inverse == pytest.approx(regression.least_squares(x, y), rel=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_tensorflow_computes_the_same_line(dtype):
    """By its formula within the formula's ball; by elimination as well as its condition allows."""
    x, y = (a.ravel().astype(dtype) for a in digits.points())
    model = rounding_model(dtype, "eager")
    balls = regression.least_squares(model.array(x), model.array(y))
    for value, ball in zip(tf_regression.least_squares(tf.constant(x), tf.constant(y)), balls):
        assert usage(value.numpy(), ball) <= 1
    A = np.stack([x, np.ones_like(x)], axis=1)
    with precision(256):
        true = regression.left_inverse(ExactArray(A)) @ ExactArray(y[:, None])
    found = (tf_regression.left_inverse(tf.constant(A)) @ y[:, None]).numpy()
    # Higham 2002, section 20.4: the normal equations lose with the square of the condition.
    limit = len(x) * np.finfo(dtype).eps * np.linalg.cond(A.astype("float64")) ** 2
    assert np.abs(found - true.to_float()).max() <= limit * np.abs(true.to_float()).max()


@pytest.mark.outer
def test_unseen_digits_are_read():
    """The seed reads 0.92 of MNIST's digits with one layer; these are others, and fewer."""
    inputs, classes = digits.test_digits()
    found = outputs("digits-784-10", inputs)
    assert np.mean(found.argmax(axis=1) == classes.argmax(axis=1)) > 0.85


@pytest.mark.outer
def test_the_keras_program_reads_unseen_digits():
    """Text 003, B2: evaluated without dropout, as ``evaluate`` does."""
    inputs, classes = digits.test_digits()
    _, weights = trained("digits-784-128-10")
    kernel1, bias1, kernel2, bias2 = weights
    found = np.maximum(inputs @ kernel1 + bias1, 0) @ kernel2 + bias2
    assert np.mean(found.argmax(axis=1) == classes.argmax(axis=1)) > 0.75


def test_the_two_l_of_hello_are_told_apart():
    """Text 003, C2: one letter, two states, so that l follows the first and o the second."""
    inputs, _ = recurrent.hello()
    letters = outputs("recurrent-hello", inputs).reshape(4, 4)
    assert [recurrent.LETTERS[k] for k in letters.argmax(axis=1)] == list("ello")
    assert np.array_equal(*inputs.reshape(4, 4)[2:])


def test_convolution_pooling_and_transposed_convolution_by_hand():
    """Text 000, 6-6, on paper: every number of the first pass, and the same on both sides."""
    image, kernel, back = map(np.array, convolution.BY_HAND)
    windows = [[image[r : r + 2, c : c + 2] for c in range(3)] for r in range(3)]
    sums = np.array([[np.sum(w * kernel) for w in row] for row in windows])
    assert sums.tolist() == [[3, 7, 1], [-2, 3, 4], [3, -1, 5]]
    largest = np.array([[sums[r : r + 2, c : c + 2].max() for c in (0, 1)] for r in (0, 1)])
    assert largest.tolist() == [[7, 7], [3, 5]]
    spread = sum(
        np.pad(largest[r, c] * back, ((r, 1 - r), (c, 1 - c))) for r in (0, 1) for c in (0, 1)
    )
    reference = program(PAIRS["convolution-by-hand"], "float32")
    trajectory = numpy_runner.run(reference, reference.start(), 1)
    assert trajectory.activations["conv2d1"].ravel().tolist() == sums.ravel().tolist()
    assert trajectory.activations["maxpooling2d2"].ravel().tolist() == largest.ravel().tolist()
    assert trajectory.activations["outputs"].ravel().tolist() == spread.ravel().tolist()
    result = run(Spec("convolution-by-hand", "float32", "keras", "eager", epochs=1))
    assert result.expected


def test_both_trees_have_the_twins_of_every_model():
    for row in ROWS:
        assert (
            type(row.network(trees.reference())).__name__
            == type(row.network(trees.tensorflow())).__name__
        )
