"""Standard layers in half precision are held against refimpl's balls in it, losses in float32."""

from functools import wraps

import keras
import numpy as np
import pytest
from helpers.half_precision import needs_matmuls_in
from helpers.turns import thinned

import equivalence
from equivalence.judge.verdict import DIFFERENT, ROUNDING_IDENTICAL
from equivalence.machine.keras_settings import under
from equivalence.plants.ordinary import build

pytestmark = pytest.mark.tensorflow


def certify(name, policy):
    model, x, y = build(name, policy)
    with under(policy):
        return equivalence.certify(model, x, y, steps=1, batch_size=4, engine="eager")


# Model, policy, and of its parts those that are held.
HELD = [
    ("dense", "mixed_float16", ("dense", "mse")),
    ("dense", "mixed_bfloat16", ("dense", "mse", "sgd")),
    ("cnn", "mixed_bfloat16", ("conv2d", "batch_normalization", "adam")),
    ("cnn", "float16", ("conv2d", "batch_normalization", "adam")),
    ("recurrent", "mixed_float16", ("lstm", "gru")),
    ("transformer", "mixed_bfloat16", ("layer_normalization",)),
]


@pytest.mark.parametrize(("name", "policy", "parts"), thinned(3, HELD, row=2))
def test_layers_in_half_precision_are_held_against_their_mathematics(name, policy, parts):
    needs_matmuls_in(policy)
    report = certify(name, policy)
    assert report.verdict == ROUNDING_IDENTICAL and not report.astray, report
    rows = {row.name: row for row in report.mathematics}
    assert all(rows[part].file and rows[part].numbers > 0 for part in parts), rows


WRONG = [
    ("dense", "mixed_bfloat16", "Dense"),
    ("cnn", "mixed_float16", "BatchNormalization"),
    ("recurrent", "mixed_float16", "LSTM"),
]


@pytest.mark.parametrize(("name", "policy", "kind"), thinned(2, WRONG, row=2))
def test_a_layer_that_does_otherwise_in_half_precision_is_found(name, policy, kind, monkeypatch):
    """By a quarter, which is more than so many roundings of half precision may be."""
    needs_matmuls_in(policy)
    plain = getattr(keras.layers, kind).call
    wrong = wraps(plain)(lambda *args, **options: plain(*args, **options) * 1.25)
    monkeypatch.setattr(getattr(keras.layers, kind), "call", wrong)
    report = certify(name, policy)
    assert report.first is None and report.verdict == DIFFERENT
    assert report.astray[0].kind == "layer"
    assert report.astray[0].name.replace("_", "").startswith(kind.lower())


def test_what_a_layer_takes_as_it_is_is_not_rounded_first():
    """Indices above 2^11 are no numbers of float16, and a normalization takes float32."""
    layers = keras.layers
    with under("mixed_float16"):
        given = keras.Input((2,))
        x = layers.Embedding(5000, 3, name="looks")(given)
        x = layers.Dense(3, dtype="float32")(layers.Flatten()(x))
        model = keras.Model(given, layers.LayerNormalization(name="normal")(x))
        model.compile(keras.optimizers.SGD(0.1), "mse")
        rng = np.random.default_rng(4)
        data = np.float32(rng.integers(4096, 5000, (4, 2)) | 1), rng.normal(size=(4, 3))
        report = equivalence.certify(model, *data, steps=1)
    assert report.verdict == ROUNDING_IDENTICAL and not report.astray, report
    assert report.mathematics_of("looks") == "mathematics: refimpl/layers/embedding.py"
    assert report.mathematics_of("normal") == "mathematics: refimpl/layers/layer_normalization.py"
