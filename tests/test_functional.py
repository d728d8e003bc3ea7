"""Graphs of layers: branches, merges and states on the way back; models that hold back.

The rows stand in ``equivalence/pairs/models/functional.py``.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.layer_gradients import assert_gradients
from helpers.turns import each_in_turn, named

from equivalence import trees
from equivalence.engines import build
from equivalence.judge.certificate import rounding_model
from equivalence.judge.verdict import AGREE, judge
from equivalence.pairs import models
from equivalence.pairs.table import PAIRS
from equivalence.plants.killrate import complaint, find
from equivalence.plants.tables.functional import PLANTS
from equivalence.results.result import Spec
from equivalence.runs.run import run
from equivalence.steps.program import program

pytestmark = pytest.mark.tensorflow

NAMES = [row.name for row in models.functional.ROWS]
ENGINES = (("keras", "fit", "float32"), ("tape", "graph", "float64"), ("keras", "eager", "float64"))


def test_every_gradient_of_a_graph_is_a_derivative():
    assert_gradients("residual")


def test_a_graph_of_two_nodes_has_the_numbers_of_tf_add_and_tf_multiply():
    pair = PAIRS["two-nodes"]
    network, (x, _) = pair.network(trees.reference()), pair.data()
    values = network.forward([np.array(w) for w in pair.start()], x)[0]
    found = dict(zip(network.activation_names, values, strict=True))
    a = tf.add(2, 3)
    assert found["a"] == a.numpy() == 5 and found["b"] == tf.multiply(5, a).numpy() == 25


@pytest.mark.parametrize(("name", "turn"), each_in_turn(NAMES, ENGINES), ids=named)
def test_the_models_are_as_expected(name, turn):
    twin, engine, dtype = turn
    if not PAIRS[name].keras:  # Keras has no classes for it
        twin, engine = "tape", "graph"
    result = run(Spec(pair=name, twin=twin, engine=engine, dtype=dtype, epochs=3))
    assert result.expected, result


@pytest.mark.parametrize("plant", PLANTS, ids=str)
def test_a_wrong_line_is_found(plant):
    finding = find(plant)
    assert finding.as_expected, complaint(finding)


def test_a_rate_that_is_set_between_two_fits_is_the_rows_schedule():
    """Text 003, C1: fit, optimizer.learning_rate = 0.001, fit again: every weight, bit for bit."""
    pair = PAIRS["logistic-3-1"]
    x, y = (np.asarray(a, "float32") for a in pair.data())
    whole = program(pair, "float32")
    network = pair.network(trees.tensorflow())
    model, _ = network.model(whole.weights, "float32")
    for variable, value in zip(model.trainable_variables, whole.weights, strict=True):
        variable.assign(value.reshape(variable.shape))
    model.compile(keras.optimizers.SGD(0.01), network.output.loss.keras())
    options = {"batch_size": 8, "epochs": 5, "shuffle": False, "verbose": 0}
    model.fit(x, y, **options)
    model.optimizer.learning_rate = 0.001
    model.fit(x, y, **options)
    runner = build.runner(pair, whole, "keras", "fit")
    record = runner.run(whole, runner.start(whole), 30)
    for variable, array in zip(model.trainable_variables, record.weights.values(), strict=True):
        assert np.array_equal(variable.numpy(), array[-1].reshape(variable.shape))
    assert judge(whole, record, model=rounding_model("float32", "fit")).verdict in AGREE


def test_inputs_are_cut_in_their_order_and_shape():
    for space in (trees.reference(), trees.tensorflow()):
        network = space.Functional(((2,), (2, 2)), ())
        cut = network.cut(np.arange(12.0).reshape(2, 6))
        assert np.array_equal(cut["input1"], [[0, 1], [6, 7]])
        assert np.array_equal(cut["input2"], [[[2, 3], [4, 5]], [[8, 9], [10, 11]]])


def test_nodes_in_another_order_than_keras_s_are_refused():
    m = trees.tensorflow()
    nodes = (
        ("short", m.Dense(2), ("input1",)),
        ("long1", m.Dense(2), ("input1",)),
        ("long2", m.Dense(2), ("long1",)),
        ("sum", m.Add(), ("short", "long2")),
        ("end", m.Dense(1), ("sum",)),
    )
    with pytest.raises(ValueError, match="Keras sorts the layers"):
        m.Functional(((3,),), nodes).model((), "float32")
