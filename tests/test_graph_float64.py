"""Standard parts that compute in float64 are held against refimpl's balls in float64."""

from functools import wraps

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.turns import thinned

import equivalence
from equivalence.arithmetic.midpoints import SETTING, TWO_FLOATS
from equivalence.graph import replay
from equivalence.judge.verdict import DIFFERENT, ROUNDING_IDENTICAL
from equivalence.machine.keras_settings import under
from equivalence.plants.ordinary import build

pytestmark = pytest.mark.tensorflow

ENGINES = ("eager", "graph", "fit")


def certify(name, engine="eager", steps=2):
    model, x, y = build(name, "float64")
    with under("float64"):
        return equivalence.certify(model, x, y, steps=steps, batch_size=4, engine=engine)


def small(optimizer="sgd", loss="mse", activation="tanh", **options):
    """Return the report of two steps of a small model in float64."""
    model = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(4, activation, name="first", **options),
            keras.layers.Dense(2, name="last"),
        ]
    )
    model.compile(optimizer, loss)
    rng = np.random.default_rng(5)
    return equivalence.certify(model, rng.normal(size=(6, 3)), rng.normal(size=(6, 2)), steps=2)


def parts_of(report):
    return {row.name: row for row in report.mathematics}


# Model, and of its standard parts what is held, and with which known defects.
HELD = {
    "dense": {"dense": [], "mse": [], "sgd": ["keras-float64-sgd-nesterov"]},
    "cnn": {
        "batch_normalization": [],
        "dropout": [],
        "sparse_categorical_crossentropy": [],
        "adam": ["keras-float64-adam-betas"],
    },
    "recurrent": {"lstm": [], "gru": []},
    "transformer": {"multi_head_attention": ["keras-float64-attention-scale"]},
}


@pytest.mark.parametrize("name", thinned(2, HELD))
def test_standard_parts_in_float64_are_held_against_their_mathematics(name):
    engine = ENGINES[list(HELD).index(name) % len(ENGINES)]
    report = certify(name, engine)
    assert report.verdict == ROUNDING_IDENTICAL and not report.astray, report
    rows = parts_of(report)
    for part, meets in HELD[name].items():
        assert rows[part].file and rows[part].numbers > 0, rows[part]
        assert rows[part].meets == meets, rows[part]
    words = " ".join(str(report).split())
    assert all(each in words for row in rows.values() for each in row.meets)


# What of a model is wrong, by 1e-12 of itself or so.
SLIGHT = 1 + 1e-12


def _calls(plain):
    return wraps(plain)(lambda *args, **kwargs: plain(*args, **kwargs) * SLIGHT)


def _updates(plain):
    return lambda optimizer, gradient, *rest: plain(optimizer, gradient * SLIGHT, *rest)


WRONG = [
    ("dense", "layers", "Dense", "call", _calls, "outputs"),
    ("cnn", "layers", "BatchNormalization", "call", _calls, "outputs"),
    ("recurrent", "layers", "LSTM", "call", _calls, "outputs"),
    ("transformer", "layers", "LayerNormalization", "call", _calls, "outputs"),
    ("dense", "losses", "LossFunctionWrapper", "call", _calls, "loss"),
    ("dense", "optimizers", "SGD", "update_step", _updates, "weights"),
    ("cnn", "optimizers", "Adam", "update_step", _updates, "weights"),
]


@pytest.mark.parametrize(
    ("name", "room", "kind", "method", "change", "what"), thinned(3, WRONG, row=6)
)
def test_what_is_off_by_1e_12_in_float64_is_found_in_its_part(
    name, room, kind, method, change, what, monkeypatch
):
    owner = getattr(getattr(keras, room), kind, None)
    if owner is None:
        from keras.src.losses.losses import LossFunctionWrapper as owner
    monkeypatch.setattr(owner, method, change(getattr(owner, method)))
    report = certify(name, steps=1)
    assert report.first is None and report.verdict == DIFFERENT
    first = report.astray[0]
    assert f": {what}[" in first.outside and not first.defect, first
    wanted = {"losses": "loss", "optimizers": "optimizer", "layers": "layer"}[room]
    assert {row.kind for row in report.astray} == {wanted}


def sgd(rate):
    return lambda: keras.optimizers.SGD(rate)


# How an optimizer is made, and the defects with which it is held.
OPTIMIZERS = {
    "sgd": (sgd(0.1), ()),
    "momentum": (lambda: keras.optimizers.SGD(0.1, 0.7), ("keras-float64-sgd-momentum",)),
    "exact": (lambda: keras.optimizers.Adam(0.1, beta_1=0.5, beta_2=0.75), ()),
    "rmsprop": (lambda: keras.optimizers.RMSprop(0.1, centered=True), ()),
    "adagrad": (lambda: keras.optimizers.Adagrad(0.1), ()),
    "adadelta": (lambda: keras.optimizers.Adadelta(0.1), ()),
    "adamw": (
        lambda: keras.optimizers.AdamW(0.1, clipnorm=0.1),
        ("keras-float64-adam-betas", "keras-float64-weight-decay"),
    ),
    "amsgrad": (lambda: keras.optimizers.Adam(0.1, amsgrad=True), ("keras-float64-adam-amsgrad",)),
    "adamax": (lambda: keras.optimizers.Adamax(0.1), ("keras-float64-adamax",)),
    "nadam": (lambda: keras.optimizers.Nadam(0.1), ("keras-float64-nadam",)),
    "ftrl": (lambda: keras.optimizers.Ftrl(0.1), ()),
    "lion": (lambda: keras.optimizers.Lion(0.1), ("keras-float64-lion",)),
    "lamb": (lambda: keras.optimizers.Lamb(0.1), ("keras-float64-lamb",)),
    "decay": (
        lambda: keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 3, 0.9)),
        ("keras-float64-schedule",),
    ),
}


@pytest.mark.parametrize("name", thinned(3, OPTIMIZERS))
def test_an_optimizer_in_float64_is_held_with_what_keras_has_in_float32(name):
    make, meets = OPTIMIZERS[name]
    with under("float64"):
        report = small(make())
    (row,) = (row for row in report.mathematics if row.kind == "optimizer")
    assert report.verdict == ROUNDING_IDENTICAL, report
    assert row.file and row.meets == [*meets]


def test_where_floatx_is_float32_the_loss_is_and_the_rate():
    """As under ``keras.config.set_dtype_policy("float64")`` alone."""
    keras.config.set_dtype_policy("float64")
    try:
        report = small(sgd(0.1)(), activation="gelu")
    finally:
        keras.config.set_dtype_policy("float32")
    assert report.verdict == ROUNDING_IDENTICAL, report
    first, _, _, loss, optimizer = report.mathematics
    assert first.meets == ["tensorflow-float64-gelu"]
    assert loss.file and optimizer.meets == ["keras-float64-learning-rate"]


def test_options_that_are_numbers_of_float32_are_read_as_they_are():
    beta, slope = (float(np.float32(each)) for each in (0.9, 0.3))
    with under("float64"):
        optimizer = keras.optimizers.Adam(0.1, beta_1=beta, beta_2=0.75)
        report = small(optimizer, activation=keras.layers.LeakyReLU(slope))
    assert report.verdict == ROUNDING_IDENTICAL and not any(r.meets for r in report.mathematics)


def test_a_layer_that_has_numbers_of_float32_inside_is_left_to_its_operations():
    """Where floatx is float32 Keras draws uniform numbers of float32."""
    layers, why = keras.layers, {}
    keras.config.set_dtype_policy("float64")
    try:
        drops = [layers.AlphaDropout(0.3, name="alpha"), layers.Dropout(0.3, name="plain")]
        model = keras.Sequential([keras.Input((4,)), *drops, layers.Dense(2)])
        model.compile("sgd", "mse")
        rng = np.random.default_rng(3)
        data = rng.normal(size=(6, 4)), rng.normal(size=(6, 2))
        report = equivalence.certify(model, *data, steps=1)
        why = {row.name: row.why for row in report.mathematics}
    finally:
        keras.config.set_dtype_policy("float32")
    assert report.verdict == ROUNDING_IDENTICAL, report
    assert why["alpha"].startswith("it computes in float64, and") and not why["plain"]


def test_a_wrong_formula_is_different_in_float64_too_and_its_defect_is_named():
    with under("float64"):
        report = small(keras.optimizers.ScheduleFreeAdamW(0.1))
    (row,) = report.astray
    assert report.verdict == DIFFERENT and row.defect == "keras-float64-schedulefreeadamw"
    assert row.defect in row.outside and not row.meets


def test_numbers_beside_a_known_defect_are_no_defect(monkeypatch):
    """What is wrong beside it is outside of the balls that have the defect, too."""
    plain = keras.optimizers.Adam.update_step
    monkeypatch.setattr(keras.optimizers.Adam, "update_step", _updates(plain))
    with under("float64"):
        report = small("adam")
    (row,) = report.astray
    assert row.outside and not row.defect and not row.meets


def test_dropout_in_a_layer_that_reads_both_ways_is_held():
    """Both directions draw, which their states are named by."""
    layers = keras.layers
    inside = layers.LSTM(2, dropout=0.3, return_sequences=True)
    model = keras.Sequential(
        [keras.Input((3, 2)), layers.Bidirectional(inside, name="both"), layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    rng = np.random.default_rng(2)
    data = rng.normal(size=(2, 3, 2)), rng.normal(size=(2, 3, 1))
    report = equivalence.certify(model, *data, steps=1)
    assert report.verdict == ROUNDING_IDENTICAL and parts_of(report)["both"].file


BOXES = np.float32([[0.1, 0.05, 0.8, 0.9], [0, 0, 1, 1]])
# What takes images of float64 and computes in float32; its gradient returns float64 again.
IN_FLOAT32 = {
    "ResizeBilinear": lambda v: tf.image.resize(v, (7, 5), "bilinear"),
    "ResizeBicubic": lambda v: tf.image.resize(v, (7, 5), "bicubic"),
    "CropAndResize": lambda v: tf.image.crop_and_resize(v, BOXES, [0, 1], (3, 3)),
    "CropAndResize, nearest": lambda v: tf.image.crop_and_resize(
        v, BOXES, [0, 1], (3, 3), method="nearest"
    ),
}


# What every such certificate notices, of a number.
NOTICED = 1e-4


def resized(name):
    """Return the report of a step that trains images of float64, and how many numbers it sees."""
    rng = np.random.default_rng(0)
    images = tf.Variable(rng.normal(size=(2, 4, 3, 2)) * np.exp(3 * rng.normal(size=(2, 4, 3, 2))))
    seen = IN_FLOAT32[name]

    def step(targets):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.cast(seen(images), "float64") * targets)
        images.assign_sub(0.1 * tape.gradient(loss, images))

    targets = rng.normal(size=seen(images).shape)
    with under("float64"):
        return equivalence.certify(step, targets, steps=1), targets.size


@pytest.mark.parametrize("midpoints", ["", TWO_FLOATS])
@pytest.mark.parametrize("name", IN_FLOAT32)
def test_images_of_float64_are_resized_in_float32(name, midpoints, monkeypatch):
    if midpoints:
        monkeypatch.setenv(SETTING, midpoints)
    (report, size), kind = resized(name), name.partition(",")[0]
    assert report.verdict == ROUNDING_IDENTICAL and report.complete, report
    both = {row.kind: row for row in report.operations if row.kind.startswith(kind)}
    assert {row.numbers for row in both.values()} >= {size, 48}
    assert len(both) == (3 if kind == "CropAndResize" else 2)
    assert all(row.sharp_to < NOTICED for row in both.values() if row.sharp_to is not None)


@pytest.mark.parametrize("name", IN_FLOAT32)
def test_what_flows_back_to_images_of_float64_is_not_off_by_what_is_noticed(name, monkeypatch):
    kind, plain = f"{name.partition(',')[0]}Grad", replay.execute
    kind += "Image" if kind.startswith("Crop") else ""

    def wrong(operation, inputs):
        results = plain(operation, inputs)
        return [x * (1 + NOTICED) for x in results] if operation.type == kind else results

    monkeypatch.setattr(replay, "execute", wrong)
    report, _ = resized(name)
    assert report.verdict == DIFFERENT and report.first.kind == kind
