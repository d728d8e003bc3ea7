"""``equivalence.diagnose`` of models that are no row of layers: mistakes in own code are named.

A row has a model and a NumPy function of its gradients with a place for each mistake, ``wrong``;
the step is descent, or Adam.
"""

import importlib
import sys

import keras
import numpy as np
import pytest
from helpers.turns import each_in_turn, thinned

import equivalence
from equivalence.cli import main
from equivalence.cli.diagnose import named
from equivalence.diagnose import searching

pytestmark = pytest.mark.tensorflow

layers, ops = keras.layers, keras.ops
RNG = np.random.default_rng(3)
X, Y = RNG.normal(size=(6, 4)), RNG.normal(size=(6, 2))
RATE = 0.05


def compiled(inputs, outputs, loss="mse", optimizer="sgd", **options):
    model = keras.Model(inputs, outputs)
    return with_optimizer(model, loss, optimizer, **options)


def with_optimizer(model, loss="mse", optimizer="sgd", **options):
    kinds = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}
    model.compile(kinds[optimizer](RATE), loss, **options)
    return model


class Descent:
    """A step of one's own, of a function of gradients."""

    def __init__(self, gradients, factor=1.0):
        self.gradients, self.factor = gradients, factor

    def step(self, weights, x, y):
        slopes = self.gradients(weights, x, y)
        return [w - RATE * self.factor * g for w, g in zip(weights, slopes)]


class Adam(Descent):
    """Adam as Keras has it, or with epsilon beside the corrected root."""

    m, v, t, corrected = None, None, 0, False

    def step(self, weights, x, y):
        slopes = [self.factor * g for g in self.gradients(weights, x, y)]
        self.t += 1
        zeros = [0 * w for w in weights]
        self.m = [0.9 * m + 0.1 * g for m, g in zip(self.m or zeros, slopes)]
        self.v = [0.999 * v + 0.001 * g * g for v, g in zip(self.v or zeros, slopes)]
        of_m, of_v = 1 - 0.9**self.t, 1 - 0.999**self.t
        if self.corrected:
            moves = [m / of_m / (np.sqrt(v / of_v) + 1e-7) for m, v in zip(self.m, self.v)]
        else:
            share = np.sqrt(of_v) / of_m
            moves = [share * m / (np.sqrt(v) + 1e-7) for m, v in zip(self.m, self.v)]
        return [w - RATE * u for w, u in zip(weights, moves)]


class Corrected(Adam):
    corrected = True


# -------------------------------------------------------------------------------- the models


def residual():
    """A dense layer, and its inputs added to what it gives."""
    given = keras.Input((4,))
    first = layers.Dense(4, "tanh", name="first")(given)
    inner = layers.Dense(4, "sigmoid", name="inner")(first)
    joined = layers.Add(name="join")([first, inner])
    return given, layers.Dense(2, name="last")(joined)


def of_residual(wrong=""):
    def gradients(weights, x, y):
        a, b, c, d, e, f = weights
        h = np.tanh(x @ a + b)
        i = 1 / (1 + np.exp(-(h @ c + d)))
        s = h + (0 if wrong == "skip left out" else i)
        o = s @ e + f
        do = 2 * (o - y) / o.size
        ds = do @ e.T
        di = ds * i * (1 if wrong == "half a slope" else 1 - i)
        di = di * (0 if wrong == "skip left out" else 1)
        dh = di @ c.T + (0 if wrong == "skip not back" else ds)
        dz = dh * (1 if wrong == "no slope" else 1 - h * h)
        return [x.T @ dz, dz.sum(0), h.T @ di, di.sum(0), s.T @ do, do.sum(0)]

    return gradients


def two_inputs():
    left, right = keras.Input((3,), name="left"), keras.Input((3,), name="right")
    a = layers.Dense(3, "relu", name="of_left")(left)
    b = layers.Dense(3, "tanh", name="of_right")(right)
    return [left, right], layers.Dense(1, name="last")(layers.Subtract(name="minus")([a, b]))


BOTH = [RNG.normal(size=(7, 3)), RNG.normal(size=(7, 3))]
ONE = RNG.normal(size=(7, 1))


def of_two_inputs(wrong=""):
    def gradients(weights, x, y):
        a, b, c, d, e, f = weights
        left, right = x[::-1] if wrong == "exchanged" else x
        z = left @ a + b
        g, h = np.maximum(z, 0), np.tanh(right @ c + d)
        s = h - g if wrong == "turned" else g - h
        o = s @ e + f
        do = 2 * (o - y) / o.size
        ds = do @ e.T
        dg, dh = (-ds, ds) if wrong == "turned" else (ds, -ds)
        dg = dg * (z >= 0 if wrong == "at 0" else z > 0)
        dh = dh * (1 - h * h)
        bias = 0 * d if wrong == "no bias" else dh.sum(0)
        return [left.T @ dg, dg.sum(0), right.T @ dh, bias, s.T @ do, do.sum(0)]

    return gradients


def two_outputs():
    given = keras.Input((4,))
    h = layers.Dense(5, "tanh", name="body")(given)
    value = layers.Dense(1, name="value")(h)
    kind = layers.Dense(3, "softmax", name="kind")(h)
    return given, [value, kind]


VALUE, KIND = RNG.normal(size=(6, 1)), np.eye(3)[[0, 1, 2, 2, 1, 0]]


def of_two_outputs(wrong=""):
    weigh = (1.0, 1.0) if wrong == "no weights" else (0.3, 2.0)

    def gradients(weights, x, y):
        a, b, c, d, e, f = weights
        value, kind = y
        h = np.tanh(x @ a + b)
        o, z = h @ c + d, h @ e + f
        p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
        do = weigh[0] * 2 * (o - value) / len(x)
        dz = weigh[1] * (p - kind) / (1 if wrong == "sums" else len(x))
        dh = (0 if wrong == "one back" else do @ c.T) + dz @ e.T
        dh = dh * (1 - h * h)
        return [x.T @ dh, dh.sum(0), h.T @ do, do.sum(0), h.T @ dz, dz.sum(0)]

    return gradients


def shared():
    given = keras.Input((4,))
    layer = layers.Dense(4, "tanh", name="twice")
    first = layers.Dense(4, name="first")(given)
    return given, layers.Dense(2, name="last")(layer(layer(first)))


def of_shared(wrong=""):
    def gradients(weights, x, y):
        k, j, a, b, c, d = weights
        f = x @ k + j
        g = np.tanh(f @ a + b)
        h = np.tanh(g @ a + b)
        o = h @ c + d
        do = 2 * (o - y) / o.size
        dh = do @ c.T * (1 - h * h)
        dg = dh @ a.T * (1 - g * g)
        df = dg @ a.T
        of_last, of_first = (g.T @ dh, dh.sum(0)), (f.T @ dg, dg.sum(0))
        if wrong in ("first", "last"):
            of_a, of_b = of_first if wrong == "first" else of_last
        else:
            of_a, of_b = (m + n for m, n in zip(of_last, of_first))
        return [x.T @ df, df.sum(0), of_a, of_b, h.T @ do, do.sum(0)]

    return gradients


@keras.saving.register_keras_serializable("tests")
class Squares(layers.Layer):
    """A layer of one's own: 0.3 g x^2."""

    def build(self, shape):
        self.g = self.add_weight(shape=(shape[-1],), name="g", initializer="ones")

    def call(self, x):
        return 0.3 * ops.square(x) * self.g


class Subclassed(keras.Model):
    """Layers that are called one behind the other, with a sum and a scale between them."""

    def __init__(self):
        super().__init__()
        self.first = layers.Dense(3, name="first")
        self.squares = Squares(name="squares")
        self.last = layers.Dense(2, name="last")

    def build(self, shape):
        self.first.build(shape)
        self.squares.build((None, 3))
        self.last.build((None, 3))

    def call(self, x):
        h = self.first(x)
        return self.last(self.squares(h) + 0.5 * h)


def of_subclassed(wrong=""):
    def gradients(weights, x, y):
        a, b, g, c, d = weights
        z = x @ a + b
        s = 0.3 * z * z * g + 0.5 * z
        o = s @ c + d
        do = 2 * (o - y) / o.size
        ds = do @ c.T
        two = 1 if wrong == "no factor" else 2
        dz = two * 0.3 * z * g * ds + (0 if wrong == "skip not back" else 0.5 * ds)
        of_g = (0.3 * z * z * ds).sum(0) * (0 if wrong == "own weight stands" else 1)
        return [x.T @ dz, dz.sum(0), of_g, s.T @ do, do.sum(0)]

    return gradients


def of_sines(x):
    return ops.sin(x) * ops.exp(-0.1 * ops.square(x))


def with_lambda():
    stack = layers.Dense(5, name="first"), layers.Lambda(of_sines, name="sines")
    return keras.Sequential([keras.Input((4,)), *stack, layers.Dense(2, "sigmoid", name="last")])


HITS = (RNG.normal(size=(6, 2)) > 0) * 1.0


def of_lambda(wrong=""):
    def gradients(weights, x, y):
        a, b, c, d = weights
        z = x @ a + b
        bell = np.exp(-0.1 * z * z)
        h = np.sin(z) * bell
        o = 1 / (1 + np.exp(-(h @ c + d)))
        do = (o - y) / (1 if wrong == "sums all" else len(x) if wrong == "sums" else o.size)
        dh = do @ c.T
        slope = np.cos(z) * bell - (0.1 if wrong == "no factor" else 0.2) * z * h
        dz = dh * slope
        return [x.T @ dz, dz.sum(0), h.T @ do, do.sum(0)]

    return gradients


MODELS = {
    "residual": (lambda **o: compiled(*residual(), **o), of_residual, X, Y),
    "two inputs": (lambda **o: compiled(*two_inputs(), **o), of_two_inputs, BOTH, ONE),
    "two outputs": (
        lambda **o: compiled(
            *two_outputs(), ["mse", "categorical_crossentropy"], loss_weights=[0.3, 2.0], **o
        ),
        of_two_outputs,
        X,
        [VALUE, KIND],
    ),
    "shared": (lambda **o: compiled(*shared(), **o), of_shared, X, Y),
    "subclassed": (lambda **o: with_optimizer(Subclassed(), **o), of_subclassed, X, Y),
    "lambda": (
        lambda **o: with_optimizer(with_lambda(), "binary_crossentropy", **o),
        of_lambda,
        X,
        HITS,
    ),
}


@pytest.fixture(scope="module")
def models():
    """The models, each compiled once for each optimizer."""
    made = {}

    def get(name, optimizer="sgd"):
        keras.utils.set_random_seed(1)
        if (name, optimizer) not in made:
            made[name, optimizer] = MODELS[name][0](optimizer=optimizer)
        return made[name, optimizer]

    return get


@pytest.mark.parametrize(("name", "kind"), each_in_turn(MODELS, [Descent, Adam]))
def test_honest_code_agrees_with_a_model_of_any_structure(models, name, kind):
    _, gradients, x, y = MODELS[name]
    model = models(name, kind.__name__.lower().replace("descent", "sgd"))
    answer = equivalence.diagnose(kind(gradients()), model, x, y, batch_size=4, steps=5)
    assert answer.agrees, str(answer)
    assert answer.evidence.sharp_to < 1e-6


NAMED = [
    ("residual", "skip not back", "branch-not-back", "first -> join"),
    ("residual", "skip left out", "branch-left-out", "inner -> join"),
    ("residual", "no slope", "slope-left-out", "first"),
    ("residual", "half a slope", "slope-y-alone", "inner"),
    ("two inputs", "turned", "inputs-of-layer-turned", "minus"),
    ("two inputs", "exchanged", "inputs-exchanged", "input1, input2"),
    ("two inputs", "no bias", "bias-not-updated", "of_right"),
    ("two outputs", "no weights", "loss-weights-left-out", ""),
    ("two outputs", "sums", "loss-sums-samples", "kind"),
    ("two outputs", "one back", "nothing-flows-back", "value"),
    ("shared", "first", "shared-gradient-first", "twice"),
    ("shared", "last", "shared-gradient-last", "twice"),
    ("subclassed", "own weight stands", "layer-not-updated", "squares"),
    ("lambda", "sums", "loss-sums-outputs", ""),
    ("lambda", "sums all", "loss-sums-all", ""),
]


@pytest.mark.parametrize(("name", "wrong", "cause", "where"), thinned(3, NAMED, row=4))
def test_a_mistake_in_a_model_of_any_structure_is_named(models, name, wrong, cause, where):
    _, gradients, x, y = MODELS[name]
    answer = equivalence.diagnose(Descent(gradients(wrong)), models(name), x, y, steps=4)
    assert answer.cause == cause, str(answer)
    assert answer.causes[0][1] == where, str(answer)


@pytest.mark.parametrize("name", ["two outputs", "subclassed"])
def test_a_cause_in_the_optimizer_is_named_whatever_the_model(models, name):
    _, gradients, x, y = MODELS[name]
    answer = equivalence.diagnose(Corrected(gradients()), models(name, "adam"), x, y, steps=5)
    assert answer.cause == "adam-epsilon-corrected", str(answer)


def test_a_factor_of_a_loss_of_one_s_own_is_named():
    cube = lambda t, o: ops.mean(ops.abs(t - o) ** 3)
    given = keras.Input((4,))
    model = compiled(given, layers.Dense(2)(given), cube)

    def step(weights, x, y, share=1):
        w, b = weights
        e = x @ w + b - y
        d = 3 * e * np.abs(e) / e.size * share
        return [w - RATE * x.T @ d, b - RATE * d.sum(0)]

    assert equivalence.diagnose(step, model, X, Y, steps=3).agrees
    sums = lambda *given: step(*given, share=len(X))
    assert equivalence.diagnose(sums, model, X, Y, steps=3).cause == "own-loss-sums-samples"


UNKNOWN = [
    ("subclassed", "no factor", "dz = two * 0.3"),
    ("lambda", "no factor", "slope = np.cos(z)"),
]


@pytest.mark.parametrize(("name", "wrong", "text"), UNKNOWN)
def test_a_mistake_in_own_code_s_way_back_is_placed_in_its_line(
    models, name, wrong, text, monkeypatch
):
    monkeypatch.setattr(searching, "MOST_PAIRS", 50)  # none explains it, however many are tried
    _, gradients, x, y = MODELS[name]
    answer = equivalence.diagnose(Descent(gradients(wrong)), models(name), x, y, steps=3)
    assert answer.kind == "unknown", str(answer)
    assert answer.line.text.startswith(text), str(answer)
    assert "Own code, taken by its operations" in str(answer)


# ------------------------------------------------------- what has no counterpart, or not all of it


class Cell(layers.Layer):
    """A recurrent cell of one's own."""

    state_size = 3

    def build(self, shape):
        self.w = self.add_weight(shape=(shape[-1], 3), name="w")
        self.u = self.add_weight(shape=(3, 3), name="u")

    def call(self, x, states):
        h = ops.tanh(x @ self.w + states[0] @ self.u)
        return h, [h]


class Loss(layers.Layer):
    def call(self, x):
        self.add_loss(0.1 * ops.mean(x * x))
        return x


class Tied(keras.Model):
    """A decoder with the encoder's kernel."""

    def __init__(self):
        super().__init__()
        self.encoder = layers.Dense(3, "tanh", name="encoder")
        self.bias = self.add_weight(shape=(4,), name="bias", initializer="zeros")

    def build(self, shape):
        self.encoder.build(shape)

    def call(self, x):
        return self.encoder(x) @ ops.transpose(self.encoder.kernel) + self.bias


def attention():
    given = keras.Input((3, 4))
    summed = given + layers.MultiHeadAttention(2, 2)(given, given)
    normal = layers.LayerNormalization()(summed)
    return compiled(given, layers.Dense(1)(layers.Flatten()(normal)))


def own_cell():
    given = keras.Input((3, 4))
    both = layers.Bidirectional(layers.LSTM(2))(given)
    return compiled(given, layers.Dense(1)(both) + layers.Dense(1)(layers.RNN(Cell())(given)))


def masked_words():
    given = keras.Input((4,), dtype="int32")
    words = layers.Embedding(5, 3, mask_zero=True)(given)
    joined = layers.concatenate([layers.LSTM(3)(words), layers.GlobalMaxPooling1D()(words)])
    return compiled(given, layers.Dense(1, "sigmoid")(joined), "binary_crossentropy")


def added_loss():
    given = keras.Input((4,))
    inner = layers.Dense(3, "gelu", kernel_regularizer="l2")(given)
    return compiled(given, layers.Dense(2)(Loss()(inner)))


def convolutions():
    given = keras.Input((4, 4, 2))
    first = layers.Conv2D(3, 3, padding="same", activation="relu")(given)
    inner = layers.BatchNormalization()(layers.Conv2D(3, 3, padding="same")(first))
    flat = layers.Flatten()(layers.MaxPooling2D()(layers.ReLU()(first + inner)))
    return compiled(given, layers.Dense(2, "softmax")(flat), "sparse_categorical_crossentropy")


WHOLE = {
    "attention": (attention, RNG.normal(size=(6, 3, 4)), Y[:, :1]),
    "own cell": (own_cell, RNG.normal(size=(6, 3, 4)), Y[:, :1]),
    "masked words": (masked_words, RNG.integers(5, size=(6, 4)), HITS[:, :1]),
    "added loss": (added_loss, X, Y),
    "tied": (lambda: with_optimizer(Tied()), X, X),
    "convolutions": (convolutions, RNG.normal(size=(6, 4, 4, 2)), np.array([0, 1, 1, 0, 1, 0])),
}


@pytest.mark.parametrize("name", thinned(3, WHOLE))
def test_keras_s_own_steps_follow_what_was_read_of_a_model(name):
    build, x, y = WHOLE[name]
    keras.utils.set_random_seed(2)
    model = build()
    single = lambda a: a.astype("f4") if a.dtype.kind == "f" else a
    model.train_on_batch(single(x), single(y))  # which builds it
    read = lambda: [np.array(v.numpy()) for v in model.trainable_variables]
    start, states = model.get_weights(), []
    for _ in range(3):
        states.append(read())
        model.train_on_batch(single(x), single(y))
    states.append(read())
    model.set_weights(start)
    answer = equivalence.diagnose(states, model, single(x), single(y))
    assert answer.kind == "bit-identical", str(answer)
    assert "does not follow" not in str(answer)


@pytest.mark.outer
@pytest.mark.parametrize("numbered", [False, True])
def test_the_command_takes_several_inputs_and_targets_by_name(tmp_path, capsys, numbered):
    """As x/NAME and y/NAME, or x/0, x/1, ... of a model that takes a list."""
    (tmp_path / "code.py").write_text(
        "import keras\n"
        "import numpy as np\n"
        "a, b = keras.Input((2,), name='a'), keras.Input((3,), name='b')\n"
        "keras.utils.set_random_seed(0)\n"
        "p = keras.layers.Dense(1, name='p')(a)\n"
        "q = keras.layers.Dense(1, name='q')(keras.layers.Concatenate()([a, b]))\n"
        f"numbered = {numbered}\n"
        "model = keras.Model([a, b] if numbered else {'a': a, 'b': b},\n"
        "                    [p, q] if numbered else {'p': p, 'q': q})\n"
        "model.compile(keras.optimizers.SGD(0.1), 'mse')\n"
        "of = (lambda d, k, n: d[k]) if numbered else (lambda d, k, n: d[n])\n"
        "def step(weights, x, y, share=1):\n"
        "    u, v = of(x, 0, 'a'), np.concatenate([of(x, 0, 'a'), of(x, 1, 'b')], axis=1)\n"
        "    w, c, k, e = weights\n"
        "    d = 2 * share * (u @ w + c - of(y, 0, 'p')) / len(u)\n"
        "    f = 2 * share * (v @ k + e - of(y, 1, 'q')) / len(u)\n"
        "    slopes = u.T @ d, d.sum(0), v.T @ f, f.sum(0)\n"
        "    return [p - 0.1 * g for p, g in zip(weights, slopes)]\n"
        "def half(weights, x, y):\n"
        "    return step(weights, x, y, 0.5)\n",
        encoding="utf-8",
    )
    rng = np.random.default_rng(4)
    keys = ("x/0", "x/1", "y/0", "y/1") if numbered else ("x/a", "x/b", "y/p", "y/q")
    shapes = ((5, 2), (5, 3), (5, 1), (5, 1))
    np.savez(tmp_path / "data.npz", **{k: rng.normal(size=s) for k, s in zip(keys, shapes)})
    for name, code in (("step", 0), ("half", 1)):
        given = [f"{tmp_path / 'code.py'}:{name}", "--model", f"{tmp_path / 'code.py'}:model"]
        assert main(["diagnose", *given, "--data", str(tmp_path / "data.npz")]) == code
        assert ("half" in capsys.readouterr().out.split("line")[0]) == bool(code)


def test_a_file_that_is_called_as_a_module_of_pythons_hides_none(tmp_path, monkeypatch):
    """TensorFlow imports ``code``, and worker processes look where this one does."""
    (tmp_path / "code.py").write_text("mine = 3\n", encoding="utf-8")
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "code", raising=False)
    assert named(f"{tmp_path / 'code.py'}:mine") == 3
    assert hasattr(importlib.import_module("code"), "InteractiveConsole")
