"""``equivalence.diagnose`` beside Keras models whose ``train_step`` is their own."""

from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.turns import thinned

import equivalence
from equivalence.diagnose import searching

pytestmark = pytest.mark.tensorflow

RNG = np.random.default_rng(1)
X, T = RNG.normal(size=(12, 4)), np.eye(3)[RNG.integers(3, size=12)]
RATE = 0.2
outer = partial(pytest.param, marks=pytest.mark.outer)


def in_total(gradients):
    return tf.clip_by_global_norm(gradients, 0.1)[0]


def each(gradients):
    return [tf.clip_by_norm(g, 0.05) for g in gradients]


def by_value(gradients):
    return [tf.clip_by_value(g, -0.02, 0.02) for g in gradients]


class Own(keras.Sequential):
    """A row of layers with a step of its own: a loss, and what is done to gradients."""

    own_loss, between = None, None

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            outputs = self(x, training=True)
            own = type(self).own_loss
            loss = own(y, outputs) if own else self.compute_loss(x=x, y=y, y_pred=outputs)
        gradients = tape.gradient(loss, self.trainable_variables)
        if self.between is not None:
            gradients = type(self).between(gradients)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        return {"loss": loss}


def cubes(y, outputs):
    return tf.reduce_mean(tf.reduce_sum(tf.abs(outputs - y) ** 3, axis=-1))


def model(loss=None, between=None, optimizer=None):
    """Return a model whose step has a loss of its own or Keras's, and does this to gradients."""
    keras.utils.set_random_seed(2)
    kind = type("Mine", (Own,), {"own_loss": loss and staticmethod(loss),
                                 "between": between and staticmethod(between)})  # fmt: skip
    made = kind([keras.Input((4,)), keras.layers.Dense(5, "tanh"), keras.layers.Dense(3)])
    optimizer = optimizer or keras.optimizers.SGD(RATE)
    made.compile(optimizer, keras.losses.CategoricalCrossentropy(from_logits=True))
    return made


def softmax(z):
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def norm(arrays):
    return np.sqrt(sum(np.sum(a**2) for a in arrays))


CLIPS = {
    None: lambda gs: gs,
    in_total: lambda gs: [g * 0.1 / max(norm(gs), 0.1) for g in gs],
    each: lambda gs: [g * 0.05 / max(norm([g]), 0.05) for g in gs],
    by_value: lambda gs: [np.clip(g, -0.02, 0.02) for g in gs],
}


def step(loss=None, clip=None, sloped=True, sums=False):
    """Return a step in NumPy."""

    def own(weights, x, t):
        kernel, bias, last, end = weights
        h = np.tanh(x @ kernel + bias)
        o = h @ last + end
        d = 3 * (o - t) * np.abs(o - t) if loss else softmax(o) - t
        d = d if sums else d / len(x)
        e = d @ last.T * (1 - h**2 if sloped else 1)
        slopes = CLIPS[clip]([x.T @ e, e.sum(axis=0), h.T @ d, d.sum(axis=0)])
        return [w - RATE * g for w, g in zip(weights, slopes)]

    return own


@pytest.mark.parametrize(
    ("clip", "loss"), thinned(2, [(c, l) for c in CLIPS for l in (None, cubes)], row=2)
)
def test_an_own_step_that_is_written_in_numpy_agrees(loss, clip):
    answer = equivalence.diagnose(step(loss, clip), model(loss, clip), X, T, steps=4)
    assert answer.agrees, str(answer)
    assert "Its train_step is its own" in str(answer)


@pytest.mark.parametrize(
    ("mine", "keras_side", "cause"),
    [
        (step(sums=True), model(), "loss-sums-samples"),
        (step(cubes, sloped=False), model(cubes), "slope-left-out"),
        outer(step(clip=by_value, sloped=False), model(between=by_value), "slope-left-out"),
        (step(), model(between=in_total), "own-step-left-out"),
        outer(step(cubes), model(cubes, each), "own-step-left-out"),
    ],
)
def test_the_cause_is_named_beside_an_own_step(mine, keras_side, cause):
    answer = equivalence.diagnose(mine, keras_side, X, T, steps=4)
    assert answer.cause == cause, str(answer)


def test_what_is_unknown_beside_an_own_step_has_a_place(monkeypatch):
    monkeypatch.setattr(searching, "MOST_PAIRS", 50)
    answer = equivalence.diagnose(step(clip=in_total), model(between=each), X, T, steps=2)
    assert answer.kind == "unknown"
    assert answer.where.stage == "weights"
    assert "times that of Keras's, in step 0" in str(answer)


def test_an_own_step_leaves_the_model_and_its_optimizer_as_they_were():
    mine = model(between=each, optimizer=keras.optimizers.Adam(0.01))
    states = [mine.get_weights()]
    for _ in range(2):
        mine.train_step((tf.constant(X, "float32"), tf.constant(T, "float32")))
        states.append(mine.get_weights())
    made = model(between=each, optimizer=keras.optimizers.Adam(0.01))
    before, optimizer = made.get_weights(), made.optimizer
    answer = equivalence.diagnose(states, made, X, T)
    assert answer.agrees, str(answer)
    assert made.optimizer is optimizer
    assert all(np.array_equal(a, b) for a, b in zip(before, made.get_weights(), strict=True))


class Twice(Own):
    def train_step(self, data):
        super().train_step(data)
        return super().train_step(data)


def test_a_step_of_two_updates_is_refused_in_one_sentence():
    made = Twice([keras.Input((4,)), keras.layers.Dense(3)])
    made.compile(keras.optimizers.SGD(RATE), "mse")
    with pytest.raises(equivalence.BadInput, match="gradients 2 times and calls its optimizer 2"):
        equivalence.diagnose(step(), made, X, T)
