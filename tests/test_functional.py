"""Graphs of layers: branches, merges and states on the way back; models that hold back.

The rows stand in ``equivalence/pairs/models/functional.py``.
"""

import numpy as np
import pytest
from helpers.layer_gradients import assert_gradients
from helpers.layer_runs import verdict_on

from equivalence import trees
from equivalence.judge.verdict import DIFFERENT
from equivalence.pairs import models
from equivalence.plants.plant import Plant
from equivalence.results.result import Spec
from equivalence.runs.run import run

pytestmark = pytest.mark.tensorflow

NAMES = [row.name for row in models.functional.ROWS]
ENGINES = (("keras", "fit", "float32"), ("tape", "graph", "float64"), ("keras", "eager", "float64"))
FILE = "networks/functional.py"
# fmt: off
PLANTS = (
    Plant("a source's second gradient in place of the first", "refimpl", FILE,
          "back.setdefault(source, []).append(one)", "back[source] = [one]", "residual",
          "gradients"),
    Plant("sources in another order", "tfimpl", FILE,
          "x = alone_or_all([values[source] for source in sources])",
          "x = alone_or_all([values[source] for source in sources[::-1]])", "several-inputs",
          "activations"),
    Plant("gradients handed back in another order", "refimpl", FILE,
          "zip(sources, xb if", "zip(sources[::-1], xb if", "several-inputs", "gradients"),
    Plant("penalties left out", "tfimpl", FILE,
          "targets), penalties)", "targets), ())", "residual", "loss"),
    Plant("states of the step before", "refimpl", FILE,
          "(*layer.next_states(kept), *after)", "(*own[len(layer.weight_names) :], *after)",
          "residual", "slots"),
    Plant("the same mask in every step", "refimpl", "layers/dropout.py",
          "[[0.0, 1.0]]", "[[0.0, 0.0]]", "overfitting", "slots"),
    Plant("penalties counted twice", "refimpl", "networks/sequential.py",
          "targets), penalties)", "targets), penalties * 2)", "overfitting", "loss"),
)
# fmt: on


def test_every_gradient_of_a_graph_is_a_derivative():
    assert_gradients("residual")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("twin", "engine", "dtype"), ENGINES)
def test_the_models_are_as_expected(name, twin, engine, dtype):
    result = run(Spec(pair=name, twin=twin, engine=engine, dtype=dtype, epochs=3))
    assert result.expected, result


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_a_wrong_line_is_found(plant):
    verdict = verdict_on(plant)
    assert verdict.verdict == DIFFERENT
    found = (verdict.first.stage, verdict.first.step, verdict.first.wrong_side)
    assert found == (plant.stage, plant.epoch, plant.wrong_side)


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
