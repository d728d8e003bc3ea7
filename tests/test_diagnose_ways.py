"""Float32 numbers that somebody saved are told the way of running Keras that they came of."""

from itertools import product
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from helpers.turns import thinned

import equivalence
from equivalence.diagnose import keras_sides
from equivalence.diagnose.elsewhere import run_elsewhere, turned
from equivalence.diagnose.running import WAYS, way_of

pytestmark = pytest.mark.tensorflow

RNG = np.random.default_rng(0)
X = RNG.normal(size=(32, 20)).astype(np.float32)
T = np.eye(5, dtype=np.float32)[RNG.integers(5, size=32)]
STEPS = 4


def in_a_row():
    hidden = keras.layers.Dense(40, "sigmoid")
    return keras.Sequential([keras.Input((20,)), hidden, keras.layers.Dense(5, "softmax")])


def skipping():
    given = keras.Input((20,))
    hidden = keras.layers.Dense(40, "sigmoid")(given)
    joined = keras.layers.Concatenate()([hidden, given])
    return keras.Model(given, keras.layers.Dense(5, "softmax")(joined))


def compiled(make, **how):
    keras.utils.set_random_seed(2)
    model = make()
    model.compile(keras.optimizers.Adam(0.01), "categorical_crossentropy", **how)
    return model


def saved(model):
    """Return the weights behind each step of train_on_batch."""
    states = [model.get_weights()]
    for _ in range(STEPS):
        model.train_on_batch(X, T)
        states.append(model.get_weights())
    return states


HOW = {
    "compiled by XLA (jit_compile=True)": {"jit_compile": True},
    "run eagerly (run_eagerly=True)": {"run_eagerly": True},
}


@pytest.mark.parametrize(("make", "words"), thinned(8, product((in_a_row, skipping), HOW), row=2))
def test_numbers_of_another_way_of_running_are_told_it(make, words):
    """Whether two ways have other bits hangs on the processor: where not, none is named."""
    mine, usual = saved(compiled(make, **HOW[words])), saved(compiled(make))
    answer = equivalence.diagnose(mine, compiled(make), X, T)
    assert answer.kind == "bit-identical"
    alike = all(np.array_equal(a, b) for s, r in zip(mine, usual) for a, b in zip(s, r))
    assert (words in str(answer)) != alike, str(answer)


@pytest.mark.parametrize("row", [True, pytest.param(False, marks=pytest.mark.outer)])
def test_numbers_of_a_process_with_onednn_the_other_way_round_are_told_it(row):
    make = in_a_row if row else skipping
    model = compiled(make)
    side = keras_sides.model_side(model, X, T, STEPS, None)
    mine = [
        [w.reshape(np.shape(v)) for w, v in zip(step, model.get_weights())]
        for step in run_elsewhere(model, side, row)
    ]
    answer = equivalence.diagnose(mine, compiled(make), X, T)
    assert answer.kind == "bit-identical", str(answer)
    runs = side.confirm().runs
    alike = all(np.array_equal(a.ravel(), b.ravel())
                for s, r in zip(mine, runs) for a, b in zip(s, r))  # fmt: skip
    ways = ("XLA", "eagerly", f"TF_ENABLE_ONEDNN_OPTS={turned()}")
    assert any(word in str(answer) for word in ways) != alike, str(answer)


def test_numbers_of_no_way_agree_by_rounding():
    mine = saved(compiled(in_a_row))
    mine[-1][0] = np.nextafter(mine[-1][0], np.float32(9))
    answer = equivalence.diagnose(mine, compiled(in_a_row), X, T)
    assert answer.kind in ("rounding", "drift")
    assert "They are those of" not in str(answer)


@pytest.mark.parametrize("alike", [(), ("xla",), ("xla", "eager"), tuple(WAYS)])
def test_all_ways_with_the_same_bits_are_named(alike):
    """As eager execution and XLA may have where no processor multiplies and adds at once."""
    mine = [(np.float32([1, 2]),), (np.float32([3, 4]),)]
    others = [(np.float32([1, 2]),), (np.float32([3, 5]),)]
    seen = SimpleNamespace(dtype="float32", steps=1, weights=mine)
    words = way_of(seen, SimpleNamespace(again=lambda way: mine if way in alike else others))
    assert words == ", or ".join(WAYS[way] for way in alike)
