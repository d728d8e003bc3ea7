"""What is honest and yet lost: certified on both sides, and told at its operation and layer."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import equivalence
from equivalence.judge.verdict import DIFFERENT, ROUNDING_IDENTICAL
from equivalence.plants.steps import planted_gradient
from equivalence.plants.tables.steps import Scaled

pytestmark = pytest.mark.tensorflow

RNG = np.random.default_rng(0)
X = RNG.normal(size=(8, 3)).astype("float32")
Y = RNG.normal(size=(8, 2)).astype("float32")


def model_of(*layers, optimizer="sgd", loss="mse"):
    """Return a compiled model of these layers, of 3 inputs."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((3,)), *layers])
    model.compile(optimizer, loss)
    return model


def words(report):
    """Return what is printed of a report, in one line."""
    printed = str(report)
    assert all(len(line) <= 80 for line in printed.splitlines()) and "..." not in printed
    return " ".join(printed.split())


def lost_in(report):
    """Return {(layer, kind): how many numbers are lost}."""
    return {(each.layer, each.kind): each.lost for each in report.lossy}


def logarithm_of_a_softmax(labels, outputs):
    return -tf.reduce_mean(tf.reduce_sum(labels * tf.math.log(outputs), axis=-1))


def variance_of_squares(labels, outputs):
    square = tf.square(outputs)
    mean = tf.reduce_mean(outputs, axis=-1)
    return tf.reduce_mean(tf.reduce_mean(square, axis=-1) - tf.square(mean))


def test_an_honest_step_loses_nothing():
    model = model_of(keras.layers.Dense(4, "sigmoid", name="hidden"), keras.layers.Dense(2))
    report = equivalence.certify(model, X, Y, steps=2)
    assert report.lossy == [] and report.verdict == ROUNDING_IDENTICAL
    assert "lossy" not in str(report)


@pytest.mark.parametrize(("activation", "kind"), [("sigmoid", "SigmoidGrad"), ("tanh", "TanhGrad")])
def test_a_slope_of_0_behind_a_saturated_unit_is_lost(activation, kind, tmp_path):
    """From x = 17 on a float32 sigmoid is 1, and its slope 0; true are 4e-8 and less."""
    model = model_of(keras.layers.Dense(4, activation, name="hidden"), keras.layers.Dense(2))
    kernel, bias, *rest = model.get_weights()
    for start, some in ((1.0, False), (30.0, True)):
        model.set_weights([0 * kernel, np.full_like(bias, start), *rest])
        report = equivalence.certify(model, X, Y, steps=1)
        assert report.verdict == ROUNDING_IDENTICAL
        assert lost_in(report) == ({("hidden", kind): X.shape[0] * 4} if some else {})
    assert "lossy: hidden: 32 of 32 numbers" in words(report)
    assert "the slope is exactly 0" in words(report)
    assert "32 lost" in report.save(tmp_path / "report.html").read_text(encoding="utf-8")


def test_an_update_that_moves_nothing_is_lost():
    model = model_of(keras.layers.Dense(2, name="only"), optimizer=keras.optimizers.SGD(1e-12))
    kernel, bias = model.get_weights()
    model.set_weights([kernel, np.ones_like(bias)])
    report = equivalence.certify(model, X, Y, steps=1)
    (row,) = (each for each in report.lossy if "bias" in each.about)
    assert row.kind == "AssignSubVariableOp" and row.lost == 2
    assert "nothing moves" in words(report)


def test_a_logarithm_of_what_rounded_next_to_1_is_lost():
    model = model_of(keras.layers.Dense(2, "softmax"), loss=logarithm_of_a_softmax)
    kernel, _ = model.get_weights()
    labels = np.eye(2, dtype="float32")[[0] * 8]
    for apart, some in ((1.0, False), (14.0, True)):
        model.set_weights([0 * kernel, np.array([apart, 0], "float32")])
        report = equivalence.certify(model, X, labels, steps=1)
        assert bool(report.lossy) == some
    assert "Log" in {kind for _, kind in lost_in(report)} and "of logits" in words(report)


def test_a_1_in_the_place_of_what_has_no_logarithm_is_not_lost():
    """As the gradient by an exponent has it where the base is below 0."""
    exponent = tf.Variable(2.0)

    def step(x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((tf.pow(x, exponent) - y) ** 2)
        exponent.assign_sub(0.1 * tape.gradient(loss, exponent))

    report = equivalence.certify(step, X, X, steps=1)
    assert "Log" in {each.kind for each in report.operations} and (X < 0).any()
    assert report.lossy == []


def test_a_chosen_number_that_rounded_to_1_is_lost():
    def focal(labels, outputs):
        true = tf.where(labels > 0, outputs, 1 - outputs)
        return -tf.reduce_mean((1 - true) ** 2 * tf.math.log(true))

    model = model_of(keras.layers.Dense(2, "sigmoid"), loss=focal)
    model.layers[0].set_weights([np.zeros((3, 2)), np.full(2, 30.0)])
    report = equivalence.certify(model, X, np.ones_like(Y), steps=1)
    assert "Log" in {kind for _, kind in lost_in(report)}


def test_a_variance_of_nearly_equal_squares_is_lost():
    model = model_of(keras.layers.Dense(2, name="only"), loss=variance_of_squares)
    kernel, bias = model.get_weights()
    for far, some in ((0.0, False), (1e4, True)):
        model.set_weights([kernel, bias + np.float32(far)])
        report = equivalence.certify(model, X, Y, steps=1)
        assert bool([each for each in report.lossy if each.kind == "Sub"]) == some
    assert "squared differences" in words(report)


def small_volumes(size):
    keras.utils.set_random_seed(1)
    pooled = [keras.layers.MaxPooling3D(2, name="pooled"), keras.layers.Flatten()]
    below = keras.layers.Dense(1, "tanh", name="below")
    model = keras.Sequential(
        [keras.Input((2, 2, 2, 1)), below, *pooled, keras.layers.Dense(2, name="above")]
    )
    model.compile("sgd", "mse")
    return model, size * RNG.normal(size=(8, 2, 2, 2, 1)).astype("float32")


@pytest.mark.parametrize(("size", "several"), [(1.0, False), (1e-6, True)])
def test_a_gradient_that_small_volumes_have_several_times_is_lost_and_not_proved(size, several):
    """An eager MaxPooling3D takes all within 1e-5 of the largest for the largest."""
    model, x = small_volumes(size)
    report = equivalence.certify(model, x, Y, steps=1, engine="eager")
    assert report.verdict == ROUNDING_IDENTICAL
    assert (("pooled", "MaxPool3DGrad") in lost_in(report)) == several
    assert ("tensorflow-max-pool-3d-ties" in report.gradient.without) == several
    assert report.gradient.proved != several


@pytest.mark.parametrize(
    ("kind", "place", "wrong"),
    [
        ("Tanh", 0, ["below/kernel", "below/bias"]),
        ("MatMul", 1, ["below/kernel", "above/kernel"]),
    ],
)
def test_a_wrong_gradient_beside_one_that_several_places_have_is_found(kind, place, wrong):
    model, x = small_volumes(1e-6)
    with planted_gradient(kind, Scaled(place, 1.00001)):
        report = equivalence.certify(model, x, Y, steps=1, engine="eager")
    assert report.verdict == DIFFERENT
    assert [name.partition("/")[2] for name in report.gradient.wrong] == wrong
