"""``equivalence.diagnose`` beside Keras's own objects: what people report, what they hear."""

import keras
import mistakes
import numpy as np
import pytest

import equivalence
from equivalence.cli import main

pytestmark = pytest.mark.tensorflow

layers, sigmoid = keras.layers, lambda z: 1 / (1 + np.exp(-z))


def compiled(shape, *stack, loss="mse", optimizer=None):
    """Return a compiled row of layers."""
    model = keras.Sequential([keras.Input(shape), *stack])
    model.compile(optimizer or keras.optimizers.SGD(0.05), loss)
    return model


def with_weights(layer, shape, rng):
    """Return a built layer with weights of both signs."""
    layer.build(shape)
    layer.set_weights([rng.normal(size=w.shape) * 0.5 for w in layer.get_weights()])
    return layer


@pytest.fixture
def rng():
    return np.random.default_rng(7)


# ------------------------------------------------------------------------- what was reported


def test_a_delta_rule_without_bias_beside_dense(rng):
    model = compiled((3,), layers.Dense(2), optimizer=keras.optimizers.SGD(0.01))
    x, t = rng.normal(size=(2, 3)), np.eye(2)

    def by_hand(weights, x, t):
        (w,) = weights
        return [w - 0.01 * x.T @ (x @ w - t) * 2 / t.size]

    answer = equivalence.diagnose(by_hand, model, x, t, batch_size=1)
    assert answer.cause == "bias-left-out"
    assert "Yours has no dense.bias" in str(answer)


def test_the_half_squared_error_s_derivative_with_an_absolute_error(rng):
    hidden = layers.Dense(5, "sigmoid", use_bias=False)
    model = compiled((2,), hidden, layers.Dense(1, "sigmoid", use_bias=False), loss="mae")
    x, t = rng.normal(size=(1, 2)), np.zeros((1, 1))

    def step(weights, x, t):
        a, b = weights
        h = sigmoid(x @ a)
        o = sigmoid(h @ b)
        d = (o - t) * o * (1 - o)
        return [a - 0.05 * x.T @ (d @ b.T * h * (1 - h)), b - 0.05 * h.T @ d]

    answer = equivalence.diagnose(step, model, x, t)
    assert answer.cause in ("loss-of-half-square", "loss-of-half-square-mean")
    assert "half squared error" in str(answer)


def test_a_convolution_beside_a_correlation(rng):
    layer = with_weights(layers.Conv2D(1, 3, padding="same", use_bias=False), (1, 8, 8, 1), rng)

    def convolve(weights, x):
        padded = np.pad(x[0, :, :, 0], 1)
        turned = np.rot90(weights[0][:, :, 0, 0], 2)
        views = np.lib.stride_tricks.sliding_window_view(padded, (3, 3))
        return np.einsum("ijkl,kl->ij", views, turned)[None, ..., None]

    answer = equivalence.diagnose(convolve, layer, rng.normal(size=(1, 8, 8, 1)))
    assert answer.cause == "convolution-turned"


def test_a_weight_decay_of_half_the_l2_penalty(rng):
    penalty = keras.regularizers.L2(0.1)
    model = compiled((3,), layers.Dense(1, use_bias=False, kernel_regularizer=penalty))
    x, t = rng.normal(size=(5, 3)), rng.normal(size=(5, 1))

    def step(weights, x, t):
        (w,) = weights
        return [w - 0.05 * (2 / len(x) * x.T @ (x @ w - t) + 0.1 * w)]

    answer = equivalence.diagnose(step, model, x, t)
    assert answer.cause == "l2-half"
    assert "2 * l * w" in answer.mend


def test_float64_and_float32_drift_and_each_step_agrees(rng):
    model = compiled(
        (4,),
        layers.Dense(6, "relu"),
        layers.Dense(5, "relu"),
        layers.Dense(1, "sigmoid"),
        loss="binary_crossentropy",
    )
    x = rng.normal(size=(30, 4)) + 3
    t = (x.sum(1, keepdims=True) > 12).astype(float)

    def step(weights, x, t):
        w1, b1, w2, b2, w3, b3 = weights
        h1 = np.maximum(x @ w1 + b1, 0)
        h2 = np.maximum(h1 @ w2 + b2, 0)
        d3 = (sigmoid(h2 @ w3 + b3) - t) / len(x)
        d2 = d3 @ w3.T * (h2 > 0)
        d1 = d2 @ w2.T * (h1 > 0)
        slopes = [x.T @ d1, d1.sum(0), h1.T @ d2, d2.sum(0), h2.T @ d3, d3.sum(0)]
        return [w - 0.05 * g for w, g in zip(weights, slopes)]

    answer = equivalence.diagnose(step, model, x, t, steps=100)
    assert answer.agrees
    assert answer.kind in ("drift", "rounding")
    assert "apart by" in str(answer)


def test_a_stride_forgotten_in_a_convolution_s_way_back(rng):
    layer = with_weights(layers.Conv2D(3, 3, strides=2, use_bias=False), (2, 7, 7, 2), rng)

    def kernel_gradient(weights, x, yb):
        total = np.zeros_like(weights[0])
        for row in range(3):
            for column in range(3):
                patch = x[:, row : row + 3, column : column + 3]
                total += np.tensordot(patch, yb[:, row, column], (0, 0))
        return total

    answer = equivalence.diagnose(kernel_gradient, layer, rng.normal(size=(2, 7, 7, 2)))
    assert answer.cause == "stride-forgotten-back"


@pytest.mark.parametrize("carries", [True, False])
def test_a_forget_gate_without_its_slope(rng, carries):
    units = 3
    layer = with_weights(layers.LSTM(units), (2, 4, 2), rng)

    def gradients(weights, x, yb):
        kernel, recurrent, bias = weights
        h = c = np.zeros((len(x), units))
        kept = []
        for t in range(x.shape[1]):
            z = x[:, t] @ kernel + h @ recurrent + bias
            i, f, g, o = np.split(z, 4, axis=1)
            i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
            kept.append((x[:, t], h, c, i, f, g, o))
            c = f * c + i * g
            h = o * np.tanh(c)
            kept[-1] += (c,)
        slopes, dh, dc = [w * 0 for w in weights], yb, yb * 0
        for xt, h, before, i, f, g, o, c in kept[::-1]:
            dc = dc + dh * o * (1 - np.tanh(c) ** 2)
            parts = dc * g * i * (1 - i), dc * before * f, dc * i * (1 - g * g)
            dz = np.hstack([*parts, dh * np.tanh(c) * o * (1 - o)])
            slopes[0] += xt.T @ dz
            slopes[1] += h.T @ dz
            slopes[2] += dz.sum(axis=0)
            dh, dc = (dz @ recurrent.T, dc * f) if carries else (dh * 0, dc * 0)
        return slopes

    answer = equivalence.diagnose(gradients, layer, rng.normal(size=(2, 4, 2)))
    causes = {v.name: where for v, where in answer.causes}
    assert causes.pop("gate-slope-value") == "forget gate"
    assert set(causes) == (set() if carries else {"lstm-nothing-handed-on"}), str(answer)


def test_padding_on_both_sides_with_a_stride(rng):
    layer = layers.Conv2D(1, 3, strides=2, padding="same", use_bias=False)
    layer = with_weights(layer, (1, 8, 8, 1), rng)

    def forward(weights, x):
        padded = np.pad(x[0, :, :, 0], 1)
        views = np.lib.stride_tricks.sliding_window_view(padded, (3, 3))[::2, ::2]
        return np.einsum("ijkl,kl->ij", views, weights[0][:, :, 0, 0])[None, ..., None]

    answer = equivalence.diagnose(forward, layer, rng.normal(size=(1, 8, 8, 1)))
    assert answer.cause == "same-on-both-sides"


# --------------------------------------------------------------------------------- the parts


def test_keras_s_own_objects_are_read_and_followed():
    mistake = lambda t, o: (0.5 * np.mean((o - t) ** 2), (o - t) / o.size)
    answer = equivalence.diagnose(mistake, keras.losses.MeanSquaredError())
    assert answer.cause == "loss-half"
    plain = lambda weights, gradients: [w - 0.01 * g for w, g in zip(weights, gradients)]
    assert equivalence.diagnose(plain, keras.optimizers.SGD(0.01)).agrees
    rate = lambda t: 0.1 * 0.5 ** (t // 3)
    falling = keras.optimizers.schedules.ExponentialDecay(0.1, 3, 0.5, staircase=True)
    assert equivalence.diagnose(rate, falling).agrees
    twice = lambda x: (sigmoid(x), sigmoid(sigmoid(x)) * (1 - sigmoid(sigmoid(x))))
    answer = equivalence.diagnose(twice, keras.activations.sigmoid)
    assert answer.cause == "slope-of-outputs"


def test_what_keras_has_no_twin_of_is_refused_by_name():
    model = compiled((4,), layers.Dense(2), layers.UnitNormalization())
    x, t = np.ones((1, 4)), np.ones((1, 2))
    with pytest.raises(equivalence.BadInput, match="MeanIoU is no part of a training step"):
        equivalence.diagnose(lambda w, x, t: w, keras.metrics.MeanIoU(2))
    model.loss = None
    with pytest.raises(equivalence.BadInput, match="is not compiled"):
        equivalence.diagnose(lambda w, x, t: w, model, x, t)


def test_keras_s_own_weights_are_its_own_to_the_bit(rng):
    model = compiled((3,), layers.Dense(4, "tanh"), layers.Dense(2))
    x, t = rng.normal(size=(6, 3)).astype("f4"), rng.normal(size=(6, 2)).astype("f4")
    other = keras.models.clone_model(model)
    other.set_weights(model.get_weights())
    other.compile(keras.optimizers.SGD(0.05), "mse")
    states = [other.get_weights()]
    for _ in range(4):
        other.train_on_batch(x, t)
        states.append(other.get_weights())
    answer = equivalence.diagnose(states, model, x, t)
    assert answer.kind == "bit-identical", str(answer)
    assert "the same bits" in str(answer)


def test_the_command_takes_a_model_that_a_file_makes(tmp_path, capsys):
    (tmp_path / "my_model.py").write_text(
        "import keras\n\n\ndef build():\n"
        "    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])\n"
        "    model.compile(keras.optimizers.SGD(0.1), 'mse')\n    return model\n",
        encoding="utf-8",
    )
    (tmp_path / "my_code.py").write_text(
        "def step(weights, x, y):\n    w, b = weights\n    d = (x @ w + b - y) / len(x)\n"
        "    return [w - 0.1 * x.T @ d, b - 0.1 * d.sum(axis=0)]\n",
        encoding="utf-8",
    )
    x = np.random.default_rng(0).normal(size=(5, 2))
    np.savez(tmp_path / "train.npz", x=x, y=x[:, :1])
    files = [f"{tmp_path / 'my_code.py'}:step", "--model", f"{tmp_path / 'my_model.py'}:build"]
    assert main(["diagnose", *files, "--data", str(tmp_path / "train.npz")]) == 1
    assert "Your loss has half of it" in capsys.readouterr().out


# ------------------------------------------------------------------------- defects upstream


@pytest.fixture
def float64():
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")


def adam_of(powers):
    """Return Adam by hand, whose betas' powers are of ``powers(beta)``."""
    slots = {}

    def step(weights, gradients):
        slots["t"] = t = slots.get("t", 0) + 1
        for k, g in enumerate(gradients):
            m, v = slots.get(k, (0, 0))
            slots[k] = m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            share = np.sqrt(1 - powers(0.999) ** t) / (1 - powers(0.9) ** t)
            weights[k] = weights[k] - 0.001 * share * m / (np.sqrt(v) + 1e-7)
        return weights

    return step


def test_a_right_adam_in_float64_hears_that_keras_is_wrong_and_by_what(float64):
    answer = equivalence.diagnose(adam_of(float), keras.optimizers.Adam())
    assert (answer.kind, answer.cause, answer.wrong) == (
        "upstream",
        "keras-float64-adam-betas",
        "keras",
    )
    assert not answer.agrees
    assert answer.departure.without > 1e-6 > 1e-14 > answer.departure.fit
    assert answer.record()["upstream"] == ["keras-float64-adam-betas"]
    assert "Yours is right, and Keras is wrong" in str(answer)


def test_who_does_as_keras_does_has_its_defect_too(float64):
    through_float32 = lambda beta: float(np.float32(beta))
    answer = equivalence.diagnose(adam_of(through_float32), keras.optimizers.Adam())
    assert answer.agrees
    assert (answer.wrong, answer.departure.names) == ("both", "keras-float64-adam-betas")


@pytest.mark.parametrize(
    ("mine", "make", "names"),
    [
        (
            mistakes.Own(mistakes.adagrad(0.1, lambda h: np.sqrt(h + 1e-7))),
            lambda o: o.Adagrad(0.1),
            {"keras-float64-adagrad-start"},
        ),
        (
            mistakes.Own(mistakes.polyak),
            lambda o: o.SGD(0.01, momentum=0.9),
            {"keras-float64-sgd-momentum"},
        ),
        (
            mistakes.Own(mistakes.decayed(0.1 * mistakes.A)),
            lambda o: o.AdamW(mistakes.A, 0.1, mistakes.B, mistakes.C, mistakes.E),
            {"keras-float64-weight-decay", "keras-float64-adam-betas"},
        ),
        (
            lambda t: 0.1 * 0.5 ** (t / 3),
            lambda o: o.schedules.ExponentialDecay(0.1, 3, 0.5),
            {"keras-float64-schedule"},
        ),
    ],
)
def test_the_defects_of_float64_are_named_one_and_several_together(float64, mine, make, names):
    answer = equivalence.diagnose(mine, make(keras.optimizers))
    assert answer.kind == "upstream", str(answer)
    assert set(answer.cause.split(" + ")) == names


def test_the_defects_of_float32_are_named():
    stairs = keras.optimizers.schedules.ExponentialDecay(1.0, 41, 0.5, staircase=True)
    answer = equivalence.diagnose(lambda t: 0.5 ** (t // 41), stairs, steps=50)
    assert answer.cause == "keras-schedule-reciprocal-exponential"
    celu = lambda z: (np.where(z > 0, z, np.expm1(z)), np.where(z > 0, 1, np.exp(z)))
    answer = equivalence.diagnose(celu, keras.activations.celu, np.array([[0.0, 1.0, -1.0]]))
    assert (answer.cause, answer.wrong) == ("keras-celu-slope-at-0", "keras")


def test_a_small_gradient_s_update_by_adam_is_not_blamed_on_keras(rng):
    """An unbounded ball, as of a gradient that may be 0 over its own root, decides nothing."""
    model = compiled((5, 3), layers.LSTM(8), layers.Dense(1), optimizer=keras.optimizers.Adam())
    x, t = rng.normal(size=(8, 5, 3)), rng.normal(size=(8, 1))
    model.layers[0].set_weights([w * 1e-6 for w in model.layers[0].get_weights()])
    states = [model.get_weights()]
    other = keras.models.clone_model(model)
    other.set_weights(states[0])
    other.compile(keras.optimizers.Adam(), "mse")
    for _ in range(3):
        other.train_on_batch(x, t)
        states.append(other.get_weights())
    answer = equivalence.diagnose(states, model, x, t)
    assert answer.agrees
    assert answer.departure is None
