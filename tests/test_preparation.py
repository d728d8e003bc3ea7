"""What is done to data before a network sees them: both sides, and Keras's own."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import refimpl.preparation as ours
import tfimpl.preparation as theirs
from equivalence import trees
from equivalence.arithmetic.exact import ExactArray, precision
from equivalence.arithmetic.precisions import NAMES as DTYPES
from equivalence.arithmetic.rounding import Model
from equivalence.engines.build import build
from equivalence.engines.keras_objects import loss_of
from equivalence.judge.bits import other_bits
from equivalence.judge.certificate import rounding_model, usage
from equivalence.judge.verdict import AGREE, judge
from equivalence.pairs.table import PAIRS
from equivalence.steps.program import Program

pytestmark = pytest.mark.tensorflow

HANDED_DRAWS = pytest.mark.skipif(
    not hasattr(keras.layers.RandomFlip, "transform_images"),
    reason=f"no layer of Keras {keras.__version__} can be handed what was drawn",
)
MODEL = {dtype: Model(dtype, ("numpy", "eigen")) for dtype in DTYPES}


@given(hnp.arrays("int64", st.integers(1, 8), elements=st.integers(0, 4)))
def test_one_hot_vectors_are_those_of_keras_and_of_tensorflow(labels):
    found = ours.one_hot(labels, 5)
    assert not other_bits(found, theirs.one_hot(labels, 5)).any()
    assert not other_bits(found, tf.one_hot(labels, 5).numpy()).any()
    assert (found.argmax(axis=-1) == labels).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_scaled_columns_have_the_same_bits(dtype):
    x = np.random.default_rng(0).normal(5, 3, (40, 4)).astype(dtype)
    found = ours.scaled(x)
    assert not other_bits(found, theirs.scaled(tf.constant(x)).numpy()).any()
    assert (found.min(axis=0) == 0).all() and (found.max(axis=0) == 1).all()


@pytest.mark.parametrize("side", [ours, theirs], ids=["numpy", "tensorflow"])
def test_a_column_of_equal_numbers_has_no_scale(side):
    with pytest.raises(ValueError, match="all equal"):
        side.scaled(np.ones((3, 2), "float32"))


@pytest.mark.parametrize("dtype", DTYPES)
def test_standardized_columns_lie_in_their_balls(dtype):
    """Over balls the same lines hold what TensorFlow makes of the same numbers."""
    x = np.random.default_rng(1).normal(5, 3, (40, 4)).astype(dtype)
    balls = MODEL[dtype].array(x)
    mean, variance = theirs.moments(x)
    for ball, value in zip(ours.moments(balls), (mean, variance), strict=True):
        assert usage(value.numpy(), ball).max() <= 1
    known = [MODEL[dtype].array(part.numpy()) for part in (mean, variance)]
    found = theirs.standardized(tf.constant(x), mean.numpy(), variance.numpy()).numpy()
    assert usage(found, ours.standardized(balls, *known)).max() <= 1
    less_one = np.var(x, axis=0, ddof=1)  # the sample variance is another number
    assert usage(less_one, ours.moments(balls)[1]).min() > 1


def test_the_standardized_numbers_have_mean_0_and_variance_1_exactly():
    with precision(256):
        x = ExactArray(np.array([[1.0, 10.0], [3.0, 10.5], [8.0, 12.0]]))
        again = ours.moments(ours.standardized(x, *ours.moments(x)))
    for part, wanted in zip(again, (0, 1), strict=True):
        assert all(abs(number - wanted) < 1e-60 for number in part.values.ravel())


def test_keras_adapts_itself_to_the_same_moments():
    x = np.random.default_rng(2).normal(5, 3, (64, 3)).astype("float32")
    layer = keras.layers.Normalization()
    layer.adapt(x)
    balls, adapted = MODEL["float32"].array(x), [layer.mean[0], layer.variance[0]]
    for ball, value in zip(ours.moments(balls), adapted, strict=True):
        assert usage(value.numpy(), ball).max() <= 1
    known = [MODEL["float32"].array(part.numpy()) for part in adapted]
    assert usage(layer(x).numpy(), ours.standardized(balls, *known)).max() <= 1


@pytest.mark.parametrize(("samples", "share"), [(10, 0.2), (10, 0.25), (7, 0.3), (297, 0.2)])
def test_what_is_held_back_is_what_fit_holds_back(samples, share):
    x = np.arange(samples, dtype="float32")
    kept, held = ours.split(x, share)
    for mine, other in zip((kept, held), theirs.split(x, share), strict=True):
        assert not other_bits(mine, other.numpy()).any()
    model, seen = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]), []
    model.compile("sgd", "mse")
    watch = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: seen.append(batch)
    )
    more = {"batch_size": 1, "verbose": 0, "shuffle": False, "callbacks": [watch]}
    model.fit(x, x, validation_split=share, **more)
    assert len(seen) == len(kept) and len(kept) + len(held) == samples


@given(st.lists(st.lists(st.integers(1, 9), max_size=6), min_size=1, max_size=4), st.integers(1, 5))
def test_padded_sequences_are_those_of_keras(sequences, length):
    found = ours.padded(sequences, length)
    assert not other_bits(found, theirs.padded(sequences, length)).any()
    assert found.shape == (len(sequences), length)


@HANDED_DRAWS
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("side", [ours, theirs], ids=["numpy", "tensorflow"])
def test_images_are_mirrored_and_moved_as_the_draws_of_either_side_say(side, dtype):
    x = np.random.default_rng(3).normal(size=(20, 6, 5, 2)).astype(dtype)
    flips, shifts = side.flips(20, seed=4), side.shifts(20, 2, seed=4)
    assert 0 < flips.sum() < 20 and np.abs(shifts).max() == 2
    for mine, other in (
        (ours.flipped(x, flips), theirs.flipped(x, flips)),
        (ours.shifted(x, shifts), theirs.shifted(x, shifts)),
    ):
        assert mine.dtype == x.dtype and not other_bits(mine, other.numpy()).any()
        assert other_bits(mine, x).any()


@HANDED_DRAWS
def test_a_layer_that_flips_at_random_does_what_is_known_from_its_seed():
    x = np.random.default_rng(5).normal(size=(12, 4, 4, 1)).astype("float32")
    at_random = keras.layers.RandomFlip("horizontal", seed=6)(x, training=True)
    assert not other_bits(ours.flipped(x, theirs.flips(12, seed=6)), at_random.numpy()).any()


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_a_layer_that_translates_by_a_fixed_share_moves_whole_pixels(interpolation):
    """A quarter of 8 rows down, an eighth of 8 columns to the left."""
    x = np.random.default_rng(7).normal(size=(3, 8, 8, 2)).astype("float32")
    down, right = (0.25, 0.25), (-0.125, -0.125)
    layer = keras.layers.RandomTranslation(down, right, "constant", interpolation)
    moved = ours.shifted(x, np.array([[2, -1]] * 3))
    assert not other_bits(moved, layer(x, training=True).numpy()).any()
    assert (moved[:, 2:, :-1] == x[:, :-2, 1:]).all()
    assert not moved[:, :2].any() and not moved[:, :, -1:].any()


@pytest.mark.parametrize(("side", "others"), [(ours, 3), (theirs, 1)], ids=["numpy", "fit"])
def test_an_order_has_every_sample_once(side, others):
    """NumPy's is another in each epoch; fit's, after a seed, is not, as ``defects`` say."""
    found = side.orders(12, 3, seed=5)
    assert (np.sort(found, axis=1) == np.arange(12)).all()
    assert len({tuple(order) for order in found}) == others
    assert (found == side.orders(12, 3, seed=5)).all()
    x = np.arange(24.0).reshape(12, 2)
    both = ours.epochs_in_order(x, found), theirs.epochs_in_order(x, found).numpy()
    assert not other_bits(*both).any()


def test_a_shuffled_fit_of_keras_is_a_run_in_the_order_that_is_known_from_its_seed():
    """Keras shuffles; the same order is laid out for both sides, and that run is certified."""
    samples, epochs, batch, seed = 30, 3, 10, 11
    pair = PAIRS["iris-softmax"]
    x, t = (part[::5].astype("float32") for part in pair.data())
    weights = tuple(np.asarray(w, "float32") for w in pair.start())
    known = theirs.orders(samples, epochs, seed)

    m = trees.tensorflow()
    network, optimizer = pair.network(m), pair.optimizer(m)
    model, _ = network.model(weights, "float32")
    model.set_weights([weights[0], weights[1][0]])
    model.compile(optimizer.keras(), loss_of(network))
    keras.utils.set_random_seed(seed)
    model.fit(x, t, batch_size=batch, epochs=epochs, verbose=0)

    inputs, targets = (
        ours.epochs_in_order(part, known).reshape(-1, batch, part.shape[1]) for part in (x, t)
    )
    m = trees.reference()
    run = Program(pair.network(m), pair.optimizer(m), weights, inputs, targets)
    record = build(network, optimizer, run, "keras", "fit").run(run, run.start(), len(inputs))
    assert judge(run, record, model=rounding_model("float32", "fit")).verdict in AGREE
    for shuffled, name in zip(model.get_weights(), record.weights, strict=True):
        ended = record.weights[name][-1]
        assert not other_bits(shuffled.reshape(ended.shape), ended).any()

    unshuffled = replace(run, inputs=x.reshape(inputs[:3].shape), targets=t.reshape(3, batch, -1))
    fixed = build(network, optimizer, unshuffled, "keras", "fit")
    other = fixed.run(unshuffled, unshuffled.start(), len(inputs))
    assert any(other_bits(record.weights[n][-1], other.weights[n][-1]).any() for n in other.weights)
