"""Penalties: Keras's numbers, the slope of |w| at 0, what is refused, and who adds them up.

Their runs beside Keras are rows of ``equivalence/pairs/layers/regularizers.py``.
"""

import numpy as np
import pytest
import tensorflow as tf

from equivalence import trees
from equivalence.engines import build as engines
from equivalence.judge.certificate import check, enclose_steps, rounding_model
from equivalence.pairs.table import PAIRS
from equivalence.plants.nudges import Nudge, ask, by_enclosures
from equivalence.steps.program import program

pytestmark = pytest.mark.tensorflow

m, n = trees.tensorflow(), trees.reference()
BUILD = {
    "L1": lambda m: m.L1(0.25),
    "L2": lambda m: m.L2(0.25),
    "L1L2": lambda m: m.L1L2(0.25, 0.5),
}
W = np.array([[1.0, -2.0], [0.0, 0.5]])


@pytest.mark.parametrize("build", BUILD.values(), ids=BUILD)
def test_penalty_and_gradient_are_keras_s_and_the_tape_s_also_where_a_weight_is_0(build):
    w = tf.constant(W)
    with tf.GradientTape() as tape:
        tape.watch(w)
        penalty = build(m).keras()(w)
    assert build(n).forward(W) == penalty == build(m).forward(w)
    gradient = sum(build(n).backward(1, W))
    assert np.array_equal(gradient, tape.gradient(penalty, w))
    assert np.array_equal(gradient, sum(build(m).backward(1, w)))
    assert gradient[1, 0] == 0


@pytest.mark.parametrize("wrong", [lambda: n.L1(-1.0), lambda: n.L2(-1.0), lambda: n.L1L2(0.1, -1)])
def test_a_negative_factor_is_refused(wrong):
    with pytest.raises(ValueError, match="must be a finite number, 0 or above, not -1"):
        wrong()


@pytest.mark.parametrize("space", [n, m], ids=["refimpl", "tfimpl"])
def test_a_sequential_adds_the_penalties_of_all_its_layers(space):
    layers = [space.Dense(2, kernel_regularizer=space.L2(0.5)), space.Dense(2)]
    plain, one = (space.Sequential((2,), (layer, layers[1])) for layer in (layers[1], layers[0]))
    weights, x = [W, np.zeros((1, 2)), W, np.zeros((1, 2))], np.eye(2)
    if space is m:
        weights, x = [tf.constant(w) for w in weights], tf.constant(x)
    without, with_penalty = (net.propagate(weights, x, x) for net in (plain, one))
    assert float(with_penalty[1] - without[1]) == 0.5 * np.sum(np.square(W))
    assert np.array_equal(with_penalty[2][0] - without[2][0], W)
    for g, h in zip(with_penalty[2][1:], without[2][1:]):
        assert np.array_equal(g, h)


@pytest.mark.parametrize("twin", ["keras", "tape"])
@pytest.mark.parametrize("engine", ["eager", "graph"])
def test_what_flows_back_to_an_output_with_a_penalty_is_recorded_with_its_share(twin, engine):
    """An error of 1e-5 in it is found there: what is behind it starts from what was recorded."""
    pair = PAIRS["layer-regularizers-2d"]
    reference = program(pair, "float32")
    runner = engines.runner(pair, reference, twin, engine)
    record = runner.run(reference, runner.start(reference), 2)
    penalised = [f"regularized{k}b" for k in range(1, 8)]
    assert set(penalised) <= set(record.flows)
    enclosures = enclose_steps(reference, record, rounding_model("float32", engine))
    assert check(record, enclosures).outside is None
    before_convolutions = [Nudge("flows", name, 1) for name in penalised[:3]]
    answers = ask(record, by_enclosures(enclosures), before_convolutions)
    assert [str(a.nudge) for a in answers if not a.as_expected] == []
