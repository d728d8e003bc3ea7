"""Constraints: Keras's numbers at every norm, what is refused, and whose weights they hold.

Their runs beside Keras are rows of ``equivalence/pairs/layers/constraints.py``.
"""

import inspect

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from equivalence import trees
from equivalence.arithmetic.enclosed import enclose, with_balls
from equivalence.judge.certificate import rounding_model, usage

pytestmark = pytest.mark.tensorflow

m, n = trees.tensorflow(), trees.reference()
BUILD = {
    "MaxNorm": lambda m: m.MaxNorm(0.75),
    "MaxNorm of rows": lambda m: m.MaxNorm(0.75, -1),
    "MinMaxNorm": lambda m: m.MinMaxNorm(0.5, 1.5, 0.25),
    "MinMaxNorm of rows": lambda m: m.MinMaxNorm(0.5, 1.5, 1.0, -1),
    "NonNeg": lambda m: m.NonNeg(),
    "UnitNorm": lambda m: m.UnitNorm(),
    "UnitNorm of rows": lambda m: m.UnitNorm(-1),
}
# Columns and rows longer, shorter, and as long as they may be; one of zeros, of each sign.
W = np.array([[0.0, 3.0, 0.3, -0.5], [-0.0, -4.0, 0.4, 0.0], [0.0, 0.0, 0.0, 0.0]])


def test_every_constraint_of_keras_has_twins():
    theirs = {
        kind.__name__
        for kind in vars(keras.constraints).values()
        if inspect.isclass(kind) and kind is not keras.constraints.Constraint
    }
    assert {name.partition(" ")[0] for name in BUILD} == theirs


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("build", BUILD.values(), ids=BUILD)
@given(seed=st.integers(0, 2**32 - 1), size=st.sampled_from((1e-20, 1e-7, 0.3, 1.0, 40.0)))
def test_what_everybody_keeps_of_a_weight_lies_in_one_ball(build, dtype, seed, size):
    drawn = size * np.random.default_rng(seed).normal(size=W.shape)
    model = rounding_model(dtype, "eager")
    constraint = with_balls(enclose(build(n)), model)
    for w in (W.astype(dtype), drawn.astype(dtype)):
        ball = constraint.forward(model.array(w))
        assert np.isfinite(ball.rad).all()
        for kept in (build(n).forward(w), build(m).forward(tf.constant(w)).numpy()):
            assert kept.dtype == dtype and (usage(kept, ball) <= 1).all()
        assert (usage(build(m).keras(2)(tf.constant(w)).numpy(), ball) <= 1).all()


def lies_in_the_ball(value, constraint, w):
    """Say whether what Keras keeps of a matrix lies in the ball of what NumPy keeps."""
    model = rounding_model(str(w.dtype), "eager")
    ball = with_balls(enclose(constraint), model).forward(model.array(w))
    return (usage(value.numpy().reshape(w.shape), ball) <= 1).all()


@pytest.mark.parametrize("build", BUILD.values(), ids=BUILD)
def test_what_is_0_stays_0(build):
    assert not build(n).forward(np.zeros((2, 3))).any()


def test_a_kernel_of_more_axes_has_one_norm_a_filter():
    w = np.random.default_rng(0).normal(size=(2, 2, 3, 4))
    kept = m.UnitNorm().keras(4)(tf.constant(w))
    assert lies_in_the_ball(kept, n.UnitNorm(), w.reshape(-1, 4))
    assert not lies_in_the_ball(kept, n.UnitNorm(-1), w.reshape(-1, 4))
    bias = w[0, 0, 0]
    kept = m.UnitNorm(-1).keras(1)(tf.constant(bias))
    assert lies_in_the_ball(kept, n.UnitNorm(-1), bias[None])


REFUSED = {
    "another axis": (lambda n: n.MaxNorm(axis=0), "axis must be -2, of each column"),
    "no length": (lambda n: n.MaxNorm(0.0), "max_value must be a finite number above 0"),
    "a negative norm": (lambda n: n.MinMaxNorm(-1.0), "min_value"),
    "more than the whole way": (lambda n: n.MinMaxNorm(rate=1.5), "rate"),
    "a table in parts": (
        lambda n: n.Constrained(n.Embedding(3, 2), (("embeddings", n.NonNeg()),)).build((4,)),
        "embeddings, whose gradient is in parts",
    ),
}


@pytest.mark.parametrize(("build", "words"), REFUSED.values(), ids=REFUSED)
def test_what_ours_cannot_do_is_refused(build, words):
    with pytest.raises(ValueError, match=words):
        build(n)


def test_keras_has_no_norm_of_each_number_of_a_bias_nor_of_a_matrix_of_heads():
    with pytest.raises(ValueError, match="axis must be -1"):
        m.UnitNorm(-2).keras(1)
    heads = m.Constrained(m.MultiHeadAttention(1, 4), (("kernel", m.UnitNorm()),))
    with pytest.raises(ValueError, match="attention heads"):
        heads.build(((4, 2), (4, 2))).keras("float32")


def test_a_penalty_between_a_constraint_and_its_layer_hides_no_axes_of_the_kernel():
    penalized = m.Regularized(m.Conv1D(2, 3), (("kernel", m.L2(0.25)),))
    held = m.Constrained(penalized, (("kernel", m.UnitNorm()), ("bias", m.UnitNorm(-1))))
    conv = held.build((4, 2)).keras("float32")
    assert (conv.kernel_constraint.axis, conv.bias_constraint.axis) == ([0, 1], 0)


@pytest.mark.parametrize("space", [n, m], ids=["refimpl", "tfimpl"])
def test_each_layer_of_a_network_holds_its_own_weights(space):
    held = space.Constrained(space.Dense(2), (("bias", space.NonNeg()),))
    weights = [np.full(shape, -1.0) for shape in ((2, 2), (1, 2), (2, 2), (1, 2))]
    if space is m:
        weights = [tf.constant(w) for w in weights]
    row = space.Sequential((2,), (space.Dense(2), held))
    nodes = (("a", space.Dense(2), ("input1",)), ("b", held, ("a",)))
    graph = space.Functional(((2,),), nodes)
    for network in (row, graph):
        kept = network.constrained(weights)
        assert [float(np.max(w)) for w in kept] == [-1, -1, -1, 0]
