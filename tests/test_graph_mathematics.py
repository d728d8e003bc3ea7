"""Standard layers, losses and optimizers of a model are held against the mathematics of refimpl."""

from functools import partial, wraps

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.turns import thinned

import equivalence
from equivalence.engines.keras_twins import NoTwin, layer_twin
from equivalence.graph.recognised import ENCLOSED
from equivalence.judge.verdict import DIFFERENT, ROUNDING_IDENTICAL
from equivalence.machine.keras_settings import under
from equivalence.plants.ordinary import build

pytestmark = pytest.mark.tensorflow
outer = partial(pytest.param, marks=pytest.mark.outer)


def certify(name, steps=2):
    model, x, y = build(name)
    return equivalence.certify(model, x, y, steps=steps, batch_size=4, engine="eager")


# Of each model, what is held of which part.
HELD = {
    "dense": {
        "dense": ("refimpl/layers/dense.py", "outputs gradients"),
        "mse": ("refimpl/losses/mean_squared_error.py", "loss"),
        "sgd": ("refimpl/optimizers/nesterov.py", "weights slots"),
    },
    "cnn": {
        "conv2d_1": ("refimpl/layers/convolution.py", "outputs gradients"),
        "batch_normalization": (
            "refimpl/layers/batch_normalization.py",
            "outputs gradients states",
        ),
        "dropout": ("refimpl/layers/dropout.py", "outputs"),
        "sparse_categorical_crossentropy": (
            "refimpl/losses/sparse_categorical_crossentropy_logits.py",
            "loss",
        ),
        "adam": ("refimpl/optimizers/adam.py", "weights slots"),
    },
    "recurrent": {
        "lstm": ("refimpl/layers/lstm.py", "outputs gradients"),
        "gru": ("refimpl/layers/gru.py", "outputs gradients"),
    },
}


@pytest.mark.parametrize("name", thinned(2, HELD))
def test_standard_parts_are_held_against_their_mathematics(name):
    report = certify(name)
    assert report.verdict == ROUNDING_IDENTICAL and not report.astray
    rows = {row.name: row for row in report.mathematics}
    for part, (file, held) in HELD[name].items():
        assert rows[part].file == file, rows[part]
        assert rows[part].held == held.split() and rows[part].numbers > 0
        assert 0 <= rows[part].usage <= 1
        assert report.mathematics_of(part) == f"mathematics: {file}"
    assert "mathematics: refimpl/layers/" in str(report)
    assert "mathematics" in report.as_dict()


def plus(change):
    """What a method returns is changed."""

    def changed(plain):
        @wraps(plain)
        def method(self, *args, **kwargs):
            return change(plain(self, *args, **kwargs))

        return method

    return changed


WRONG = [
    ("dense", "layers", "Dense", "call", plus(lambda y: y + 1e-3), "outputs"),
    ("cnn", "layers", "BatchNormalization", "call", plus(lambda y: y * (1 + 1e-4)), "outputs"),
    ("cnn", "layers", "Conv2D", "call", plus(lambda y: y * (1 + 1e-4)), "outputs"),
    ("dense", "losses", "LossFunctionWrapper", "call", plus(lambda s: s * (1 + 1e-5)), "loss"),
    (
        *("dense", "optimizers", "SGD", "update_step"),
        lambda plain: lambda o, g, v, rate: plain(o, g * (1 + 1e-5), v, rate),
        "weights",
    ),
]


@pytest.mark.parametrize(
    ("name", "room", "kind", "method", "change", "what"), thinned(4, WRONG, row=6)
)
def test_a_standard_part_that_does_otherwise_is_found_though_every_operation_is_honest(
    name, room, kind, method, change, what, monkeypatch
):
    import keras

    owner = getattr(getattr(keras, room), kind, None)
    if owner is None:
        from keras.src.losses.losses import LossFunctionWrapper as owner
    monkeypatch.setattr(owner, method, change(getattr(owner, method)))
    report = certify(name, steps=1)
    assert report.first is None and report.gradient.proved
    assert report.verdict == DIFFERENT
    assert f": {what}[" in report.astray[0].outside
    assert "not its own mathematics" in " ".join(str(report).split())


def of_several_inputs(mask=False, attends=keras.layers.MultiHeadAttention, **options):
    """Return a model with layers of several inputs, and data."""
    layers = keras.layers
    given = keras.Input((5, 6))
    x = layers.Masking()(given) if mask else given
    made = {name: options.pop(name) for name in [*options] if name.endswith("regularizer")}
    attended = attends(2, 3, name="heads", dropout=0.2, **made)(query=x, value=x, **options)
    y = layers.Add(name="added")([x, attended])
    y = layers.Concatenate(name="joined")([layers.LayerNormalization()(y), x])
    y = layers.Multiply(name="multiplied")([layers.Attention(name="attended")([y, y]), y])
    model = keras.Model(given, layers.Dense(2)(layers.GlobalAveragePooling1D()(y)))
    model.compile("adam", "mse")
    rng = np.random.default_rng(3)
    return model, rng.normal(size=(4, 5, 6)), rng.normal(size=(4, 2))


def test_layers_of_several_inputs_are_held_against_their_mathematics():
    keras.utils.set_random_seed(2)
    model, x, y = of_several_inputs(use_causal_mask=True)
    report = equivalence.certify(model, x, y, steps=1, engine="eager")
    assert report.verdict == ROUNDING_IDENTICAL and not report.astray
    rows = {row.name: row for row in report.mathematics}
    for part, (file, held) in {
        "heads": ("multi_head_attention", "outputs gradients"),
        "added": ("add", "outputs"),
        "joined": ("concatenate", "outputs"),
        "attended": ("attention", "outputs"),
        "multiplied": ("multiply", "outputs"),
    }.items():
        assert rows[part].file == f"refimpl/layers/{file}.py", rows[part]
        assert rows[part].held == held.split() and rows[part].usage <= 1
    # What the heads call is held by itself, too.
    assert rows["query"].file == "refimpl/layers/einsum_dense.py"
    assert "own code" not in str(report)


def test_attention_that_sees_what_is_behind_it_is_not_its_own_mathematics():
    """Every operation is honest; only the layer's formula says what a causal mask is."""

    class Seeing(keras.layers.MultiHeadAttention):
        def call(self, query, value, key=None, use_causal_mask=False, training=None):
            return super().call(query, value, key, training=training)

    Seeing.__name__ = "MultiHeadAttention"
    Seeing.__module__ = keras.layers.MultiHeadAttention.__module__
    model, x, y = of_several_inputs(attends=Seeing, use_causal_mask=True)
    report = equivalence.certify(model, x, y, steps=1, engine="eager")
    assert report.first is None and report.verdict == DIFFERENT
    assert report.astray[0].outside.startswith("heads: outputs[")


def words(kind="MultiHeadAttention", attends=None, **options):
    """Return a model of words that attend to words, the padding masked, and data."""
    keras.utils.set_random_seed(5)
    layers = keras.layers
    given, others = keras.Input((4,), dtype="int32"), keras.Input((5,), dtype="int32")
    table = layers.Embedding(9, 6, mask_zero=True)
    q, v = table(given), table(others)
    if kind == "MultiHeadAttention":
        layer = (attends or layers.MultiHeadAttention)(2, 3, name="attends", **options)
        y = layer(q, v)
    else:
        y = (attends or getattr(layers, kind))(name="attends", **options)([q, v])
    model = keras.Model([given, others], layers.Dense(2)(y))
    model.compile("adam", "mse")
    rng = np.random.default_rng(3)
    x = [rng.integers(1, 9, (3, length)) for length in (4, 5)]
    x[0][1, 2:], x[1][0, 3:], x[1][2, 1:] = 0, 0, 0
    return model, x, rng.normal(size=(3, 4, 2))


ATTENTIONS = [
    ("MultiHeadAttention", {}),
    ("MultiHeadAttention", {"dropout": 0.3}),
    ("MultiHeadAttention", {"kernel_regularizer": "l2"}),
    ("Attention", {"use_scale": True}),
    ("AdditiveAttention", {}),
]


@pytest.mark.parametrize(("kind", "options"), ATTENTIONS)
def test_attention_under_masks_is_held_against_its_mathematics(kind, options):
    model, x, y = words(kind, **options)
    report = equivalence.certify(model, x, y, steps=1, engine="eager")
    (row,) = (row for row in report.mathematics if row.name == "attends")
    assert report.verdict == ROUNDING_IDENTICAL and not report.astray, report.astray
    assert row.file.startswith("refimpl/layers/") and row.held[:2] == ["outputs", "gradients"]


@pytest.mark.parametrize("which", ["query", "value"])
def test_attention_that_sees_what_is_masked_is_not_its_own_mathematics(which):
    class Seeing(keras.layers.MultiHeadAttention):
        def call(self, query, value, key=None, query_mask=None, value_mask=None, training=None):
            if which == "query":
                query = tf.identity(query)
            masks = {} if which == "value" else {"value_mask": value_mask}
            return super().call(query, value, key, training=training, **masks)

    Seeing.__name__ = "MultiHeadAttention"
    Seeing.__module__ = keras.layers.MultiHeadAttention.__module__
    model, x, y = words(attends=Seeing)
    report = equivalence.certify(model, x, y, steps=1, engine="eager")
    assert report.first is None and report.verdict == DIFFERENT
    assert report.astray[0].outside.startswith("attends: outputs[")


@pytest.mark.parametrize("shape", [(3, 4, 5), (1, 4, 5), (4, 5), (3, 1, 4, 5)])
def test_heads_are_told_what_each_query_sees(shape):
    class Told(keras.layers.Layer):
        def build(self, shapes):
            self.heads = keras.layers.MultiHeadAttention(2, 3, name="attends")

        def call(self, inputs):
            return self.heads(*inputs, attention_mask=tf.constant(seen))

    seen = np.random.default_rng(4).integers(0, 2, shape)
    seen[..., 0] = 1
    given, others = keras.Input((4, 6)), keras.Input((5, 6))
    model = keras.Model([given, others], keras.layers.Dense(2)(Told()([given, others])))
    model.compile("sgd", "mse")
    rng = np.random.default_rng(3)
    data = [rng.normal(size=(3, length, 6)) for length in (4, 5)], rng.normal(size=(3, 4, 2))
    report = equivalence.certify(model, *data, steps=1, engine="eager")
    (row,) = (row for row in report.mathematics if row.name == "attends")
    assert report.verdict == ROUNDING_IDENTICAL and not report.astray
    if len(shape) == 4:
        assert (row.file, row.why) == ("", "each of its heads has a mask")
    else:
        assert row.held == ["outputs", "gradients"]


def test_heads_with_penalties_are_told_that_they_are_causal():
    model, x, y = of_several_inputs(use_causal_mask=True, kernel_regularizer="l2")
    report = equivalence.certify(model, x, y, steps=1, engine="eager")
    assert report.verdict == ROUNDING_IDENTICAL and not report.astray


def test_a_mask_of_none_is_that_of_the_inputs_as_keras_takes_it():
    class Reader(keras.layers.Layer):
        def build(self, shape):
            self.lstm = keras.layers.LSTM(3, name="inside")

        def call(self, x):
            return self.lstm(x, mask=None)

        def compute_mask(self, x, mask=None):
            return None

    layers = keras.layers
    parts = [layers.Embedding(9, 2, mask_zero=True), Reader(), layers.Dense(1)]
    model = keras.Sequential([keras.Input((4,), dtype="int32"), *parts])
    model.compile("sgd", "mse")
    x = np.array([[1, 2, 0, 0], [3, 4, 5, 6]])
    report = equivalence.certify(model, x, np.ones((2, 1)), steps=1, engine="eager")
    assert report.verdict == ROUNDING_IDENTICAL and not report.astray
    assert [row.held for row in report.mathematics if row.name == "inside"] == [
        ["outputs", "gradients"]
    ]


@pytest.mark.parametrize("kind", ["Multiply", "Maximum", "Minimum"])
def test_a_merge_that_leaves_masked_places_out_is_left_to_its_operations(kind):
    layers = keras.layers
    given = keras.Input((3,), dtype="int32")
    x = layers.Embedding(4, 2, mask_zero=True)(given)
    y = getattr(layers, kind)(name="merged")([x, layers.Dense(2)(x)])
    model = keras.Model(given, layers.Dense(1)(y))
    model.compile("sgd", "mse")
    words = np.array([[1, 0, 2], [3, 3, 0]])
    report = equivalence.certify(model, words, np.ones((2, 3, 1)), steps=1, engine="eager")
    (merged,) = (row for row in report.mathematics if row.name == "merged")
    assert report.verdict == ROUNDING_IDENTICAL
    assert (merged.file, merged.why) == ("", "its inputs have masks")


HEADS = [
    (2, 2, {}),
    (3, 3, {"use_gate": True}),
    (2, 2, {"dropout": 0.3, "key_dim": 3, "value_dim": 1}),
]


@pytest.mark.parametrize(("heads", "places", "options"), HEADS)
def test_biases_of_heads_that_keras_adds_to_places_are_the_known_defect(heads, places, options):
    """Its model holds outputs and gradients; with another number of places there is none."""
    layers = keras.layers
    for length in (places, places + 1):
        keras.utils.set_random_seed(3)
        given = keras.Input((length, 4))
        attends = layers.MultiHeadAttention(heads, **{"key_dim": 1, **options}, name="heads")
        model = keras.Model(given, layers.Dense(1)(attends(given, given)))
        rng = np.random.default_rng(3)
        for variable in model.trainable_variables:
            variable.assign(rng.normal(size=variable.shape))
        model.compile("sgd", "mse")
        x, y = rng.normal(size=(3, length, 4)), rng.normal(size=(3, length, 1))
        report = equivalence.certify(model, x, y, steps=1, engine="eager")
        defects = {row.name: row.defect for row in report.astray}
        if length == places:  # and of the dense layers inside the same
            assert defects.pop("heads") == "keras-heads-biases-along-places"
            assert set(defects.values()) == {"keras-einsum-bias-as-a-vector"}
        else:
            assert defects == {}
        assert (report.verdict == DIFFERENT) == (length == places)


class Places(keras.layers.Layer):
    """Adds to each sample what is looked up once for all."""

    def build(self, shape):
        self.table = keras.layers.Embedding(shape[1], shape[2])
        self.add = keras.layers.Add(name="merged")

    def call(self, x):
        return self.add([x, self.table(tf.range(x.shape[1]))[None]])


def in_letters(equation, shape, features, bias_axes):
    layer = keras.layers.EinsumDense(equation, features, "tanh", bias_axes, name="letters")
    return [shape], lambda x: layer(x)


def merged(kind):
    merge = getattr(keras.layers, kind)(name="merged")
    return [(4, 3), (3,), (4, 1), (1, 3)], lambda *x: merge(x)


def attending(kind, *options, **more):
    layer = getattr(keras.layers, kind)(*options, name="attends", **more)
    if kind == "MultiHeadAttention":  # of as many places: keras-heads-scores-shape
        return [(5, 4), (5, 4)], lambda q, v: layer(q, v, return_attention_scores=True)
    return [(3, 4), (5, 4)], lambda q, v: layer([q, v], return_attention_scores=True)


def alone(shapes, call):
    """Return a call of whose outputs the first alone is a part of the loss."""
    return shapes, lambda *x: call(*x)[0]


# What stands between dense layers, in words: shapes of what it takes and the call, the part's
# name, file, and what of it is held.
BETWEEN = {
    **{
        f"a broadcast {kind}": (
            lambda kind=kind: merged(kind),
            ("merged", kind.lower(), "outputs"),
        )
        for kind in ("Add", "Multiply", "Average", "Maximum", "Minimum")
    },
    "places": (lambda: ([(4, 3)], Places()), ("merged", "add", "outputs")),
    "letters": (
        lambda: in_letters("abc,cde->abde", (4, 3), (4, 2, 5), "de"),
        ("letters", "einsum_dense", "outputs gradients"),
    ),
    "letters of places": (
        lambda: in_letters("abc,bd->adc", (4, 3), (5, 3), "d"),
        ("letters", "einsum_dense", "outputs gradients"),
    ),
    "dots": (
        lambda: in_letters("...x,xy->...y", (4, 4, 3), 2, "y"),
        ("letters", "einsum_dense", "outputs gradients"),
    ),
    "sums of tanh": (
        lambda: attending("AdditiveAttention"),
        ("attends", "additive_attention", "outputs"),
    ),
    "products and their scores": (
        lambda: attending("Attention", True, dropout=0.3),
        ("attends", "attention", "outputs"),
    ),
    "heads and their scores": (
        lambda: attending("MultiHeadAttention", 2, 3),
        ("attends", "multi_head_attention", "outputs"),
    ),
    "heads whose scores are looked at": (
        lambda: alone(*attending("MultiHeadAttention", 2, 3)),
        ("attends", "multi_head_attention", "outputs gradients"),
    ),
    "sums of tanh whose scores are looked at": (
        lambda: alone(*attending("AdditiveAttention")),
        ("attends", "additive_attention", "outputs gradients"),
    ),
}


def standing_between(make, change=None):
    """Return a model of dense layers around what ``make`` makes, and data.

    change: what becomes of all outputs of it.
    """
    keras.utils.set_random_seed(7)
    shapes, call = make()
    layers = keras.layers
    given = [keras.Input(shape) for shape in shapes]
    made = call(*(layers.Dense(shape[-1])(x) for x, shape in zip(given, shapes)))
    outputs = made if isinstance(made, (tuple, list)) else [made]
    model = keras.Model(given, [layers.Dense(1)(layers.Flatten()(y)) for y in outputs])
    model.compile("sgd", ["mse"] * len(outputs))
    rng = np.random.default_rng(3)
    for variable in model.trainable_variables:
        variable.assign(variable + 0.1 * rng.normal(size=variable.shape))
    x = [rng.normal(size=(2, *shape)) for shape in shapes]
    return model, x, [rng.normal(size=(2, 1)) for _ in outputs]


@pytest.mark.parametrize("what", thinned(4, BETWEEN))
def test_what_stands_between_layers_is_held_against_its_mathematics(what):
    make, (part, file, held) = BETWEEN[what]
    report = equivalence.certify(*standing_between(make), steps=1, engine="eager")
    assert report.verdict == ROUNDING_IDENTICAL and not report.astray, report
    (row,) = (row for row in report.mathematics if row.name == part)
    assert row.file == f"refimpl/layers/{file}.py", row
    assert row.held == held.split() and row.usage <= 1
    assert row.numbers >= 2 * 3 * 4


def off(y):
    return tuple(map(off, y)) if isinstance(y, tuple) else y * (1 + 1e-4)


@pytest.mark.parametrize("what", thinned(4, BETWEEN))
def test_what_stands_between_layers_and_does_otherwise_is_found(what, monkeypatch):
    """Every operation is honest, and rightly differentiated."""
    make, (part, file, _) = BETWEEN[what]
    kind = getattr(keras.layers, "".join(word.capitalize() for word in file.split("_")))
    assert kind.__module__.endswith(file)
    monkeypatch.setattr(kind, "call", plus(off)(kind.call))
    report = equivalence.certify(*standing_between(make), steps=1, engine="eager")
    assert report.first is None and report.verdict == DIFFERENT
    assert report.astray[0].outside.startswith(f"{part}: outputs["), report.astray


def test_scores_that_are_those_of_other_queries_are_not_its_mathematics(monkeypatch):
    kind = keras.layers.MultiHeadAttention
    turned = plus(lambda made: (made[0], made[1][:, :, ::-1]))
    monkeypatch.setattr(kind, "call", turned(kind.call))
    make, _ = BETWEEN["heads and their scores"]
    report = equivalence.certify(*standing_between(make), steps=1, engine="eager")
    assert report.first is None and report.astray[0].outside.startswith("attends: outputs[")


ASIDE = {
    # As many samples as features, and a number of each.
    "numbers of samples": (
        "keras-merged-column-as-a-row",
        [(2,), (1,)],
        lambda: lambda *x: keras.layers.Add()(x),
    ),
    "a column of one sample": ("keras-merged-column-as-a-row", [(3, 3)], lambda: Column()),
    "a bias of places": (
        "keras-einsum-bias-as-a-vector",
        [(4, 3)],
        lambda: in_letters("abc,bd->adc", (4, 3), (3, 3), "d")[1],
    ),
}


class Column(keras.layers.Layer):
    """Adds a number of each place, looked up once for all samples."""

    def build(self, shape):
        self.table, self.add = keras.layers.Embedding(shape[1], 1), keras.layers.Add()

    def call(self, x):
        return self.add([x, self.table(tf.range(x.shape[1]))[None]])


@pytest.mark.parametrize("what", ASIDE)
def test_what_keras_adds_along_another_axis_is_the_known_defect(what):
    defect, shapes, call = ASIDE[what]
    model, x, y = standing_between(lambda: (shapes, call()))
    report = equivalence.certify(model, x, y, steps=1, engine="eager")
    assert report.first is None and report.verdict == DIFFERENT
    assert [row.defect for row in report.astray] == [defect]
    three = [np.concatenate([part, part[:1]]) for part in x], [np.concatenate([y[0], y[0][:1]])]
    if what == "numbers of samples":  # of three samples no axis has as many
        report = equivalence.certify(model, *three, steps=1, engine="eager")
        assert report.verdict == ROUNDING_IDENTICAL and not report.astray


def translation(kind="LSTM", decoder=None, mask=True):
    """Return Sutskever and others 2014, and data: one layer hands its last states to another.

    decoder: a class that stands for ``kind`` in the second one.
    """
    keras.utils.set_random_seed(5)
    layers = keras.layers
    source, told = keras.Input((5, 3)), keras.Input((4, 2))
    encoder = getattr(layers, kind)(4, return_state=True, name="encoder")
    first, *states = encoder(layers.Masking()(source) if mask else source)
    decoder = (decoder or getattr(layers, kind))(4, return_sequences=True, name="decoder")
    read = decoder(told, initial_state=states)
    outputs = [layers.Dense(2)(read), layers.Dense(3)(first)]
    model = keras.Model([source, told], outputs)
    model.compile("adam", ["mse", "mse"])
    rng = np.random.default_rng(3)
    x = [rng.normal(size=(4, *of.shape[1:])).astype(np.float32) for of in (source, told)]
    x[0][1, 3:] = 0
    return model, x, [rng.normal(size=(4, *of.shape[1:])).astype(np.float32) for of in outputs]


@pytest.mark.parametrize("kind", thinned(3, ["SimpleRNN", "LSTM", "GRU"]))
def test_layers_that_start_from_the_states_of_others_are_held_with_these(kind):
    model, x, y = translation(kind)
    report = equivalence.certify(model, x, y, steps=1, engine="eager")
    assert report.verdict == ROUNDING_IDENTICAL and not report.astray
    rows = {row.name: row for row in report.mathematics}
    for part in ("encoder", "decoder"):
        assert rows[part].file.startswith("refimpl/layers/"), rows[part]
        assert rows[part].held == ["outputs", "gradients"] and 0 < rows[part].usage <= 1
    # The outputs of four samples: a row, with its states, and four rows.
    states = 2 if kind == "LSTM" else 1
    of_states = 4 * 4 * states
    trained = {name: model.get_layer(name).count_params() for name in ("encoder", "decoder")}
    assert rows["encoder"].numbers == 4 * 4 + of_states + trained["encoder"]
    assert rows["decoder"].numbers == 4 * 4 * 4 + trained["decoder"]


def test_a_layer_that_takes_numbers_of_float64_is_held_with_what_keras_makes_of_them():
    """Keras rounds them first, where it casts; both ways with penalties inside are own code."""
    layers = keras.layers
    parts = [
        layers.Dense(2, dtype="float64"),
        layers.Flatten(name="rounds"),
        layers.Reshape((4, 2)),
        layers.Activation("linear", dtype="float64"),
        layers.LayerNormalization(name="takes"),
        layers.Bidirectional(layers.LSTM(2, kernel_regularizer="l2"), name="both"),
    ]
    model = keras.Sequential([keras.Input((4, 3)), *parts])
    model.compile("sgd", "mse")
    rng = np.random.default_rng(2)
    data = rng.normal(size=(3, 4, 3)), rng.normal(size=(3, 4))
    report = equivalence.certify(model, *data, steps=1, engine="eager")
    assert report.verdict == ROUNDING_IDENTICAL and not report.astray
    why = {row.name: row.why for row in report.mathematics}
    assert why["takes"] == "it takes numbers of float64 as they are"
    assert report.mathematics_of("rounds") == "mathematics: refimpl/layers/flatten.py"
    assert why["both"] == "there is no mathematics of Bidirectional around a layer with penalties"


def both_ways(start=True, mask=True, change=None):
    """Return a translation whose encoder reads from both ends, and data.

    start: the second layer reads from both ends, too, from the states of the first one.
    change: what is made of these states.
    """
    keras.utils.set_random_seed(5)
    layers = keras.layers
    source, told = keras.Input((5, 3)), keras.Input((4, 2))
    encoder = layers.Bidirectional(layers.LSTM(3, return_state=True), name="encoder")
    first, *states = encoder(layers.Masking()(source) if mask else source)
    if start:
        decoder = layers.Bidirectional(layers.LSTM(3, return_sequences=True), name="decoder")
        states = change(states) if change else states
    else:
        decoder = layers.LSTM(6, return_sequences=True, name="decoder")
        joined = zip(states[:2], states[2:])
        states = [layers.Concatenate()([ahead, back]) for ahead, back in joined]
    read = decoder(told, initial_state=states)
    outputs = [layers.Dense(2)(read), layers.Dense(3)(first)]
    model = keras.Model([source, told], outputs)
    model.compile("adam", ["mse", "mse"])
    rng = np.random.default_rng(3)
    x = [rng.normal(size=(4, *of.shape[1:])).astype(np.float32) for of in (source, told)]
    x[0][1, 3:] = 0
    return model, x, [rng.normal(size=(4, *of.shape[1:])).astype(np.float32) for of in outputs]


@pytest.mark.outer
def test_what_reads_from_both_ends_and_drops_is_held_with_a_generator_for_each():
    layers = keras.layers
    both = layers.Bidirectional(layers.SimpleRNN(2, dropout=0.3), name="both")
    model = keras.Sequential([keras.Input((2, 3)), both])
    model.compile("sgd", "mse")
    rng = np.random.default_rng(4)
    data = rng.normal(size=(3, 2, 3)), rng.normal(size=(3, 4))
    report = equivalence.certify(model, *data, steps=1, engine="eager")
    assert report.verdict == ROUNDING_IDENTICAL and not report.astray
    (row,) = (row for row in report.mathematics if row.name == "both")
    assert row.file and row.held == ["outputs", "gradients"]


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(False, id="its states joined"),
        pytest.param(True, id="both ways again", marks=pytest.mark.outer),
    ],
)
def test_what_reads_from_both_ends_is_held_with_its_states(start):
    report = equivalence.certify(*both_ways(start), steps=1, engine="eager")
    assert report.verdict == ROUNDING_IDENTICAL and not report.astray
    rows = {row.name: row for row in report.mathematics}
    for part in ("encoder", "decoder"):
        assert rows[part].file.startswith("refimpl/layers/"), rows[part]
        assert rows[part].held == ["outputs", "gradients"] and 0 < rows[part].usage <= 1
    assert rows["encoder"].numbers > 4 * 6 + 4 * 12


@pytest.mark.outer
def test_both_ways_that_start_from_each_other_s_states_are_not_its_mathematics(monkeypatch):
    plain = keras.layers.Bidirectional.call

    def swapped(self, sequences, initial_state=None, mask=None, training=None):
        states = initial_state and [*initial_state[2:], *initial_state[:2]]
        return plain(self, sequences, states, mask, training)

    monkeypatch.setattr(keras.layers.Bidirectional, "call", swapped)
    report = equivalence.certify(*both_ways(), steps=1, engine="eager")
    assert report.first is None and report.verdict == DIFFERENT
    assert report.astray[0].outside.startswith("decoder: outputs[")


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
@pytest.mark.parametrize("used", [False, True], ids=["states looked at", "states used"])
def test_what_flows_back_to_a_state_of_an_unrolled_loop_is_also_its_output_s(kind, used):
    """So it is no flow of its own: to what else a state leads, the gradients are not held."""
    layers, given = keras.layers, keras.Input((3, 2))
    recurrent = getattr(layers, kind)(
        4, return_state=True, return_sequences=kind == "GRU", unroll=True, name="unrolled"
    )
    y, *states = recurrent(given)
    outputs = [layers.Dense(1)(layers.Flatten()(each)) for each in (y, *(states if used else ()))]
    model = keras.Model(given, outputs)
    model.compile("sgd", ["mse"] * len(outputs))
    x, targets = np.random.default_rng(3).normal(size=(4, 3, 2)), np.ones((4, 1))
    report = equivalence.certify(model, x, [targets] * len(outputs), steps=1, engine="eager")
    assert report.verdict == ROUNDING_IDENTICAL and not report.astray
    (row,) = (row for row in report.mathematics if row.name == "unrolled")
    assert row.held == (["outputs"] if used else ["outputs", "gradients"]), row
    (cell, *_) = (row for row in report.mathematics if row.name == f"{kind.lower()}_cell")
    assert (cell.file, cell.within) == ("", "unrolled")


@pytest.mark.parametrize("told", [False, True], ids=["by its embedding", "by its call"])
def test_a_mask_that_keras_leaves_out_beside_initial_states_is_remarked(told):
    """A decoder's padding: ``keras-initial-state-drops-mask``; the layer is held as it computes."""

    class Decoder(keras.layers.Layer):
        def build(self, shapes):
            self.embedding = keras.layers.Embedding(9, 2, mask_zero=True)
            self.lstm = keras.layers.LSTM(3, return_sequences=True, name="reader")
            self.embedding.build(shapes[0])
            self.lstm.build((None, 4, 2))

        def call(self, inputs):
            words, *states = inputs
            options = {"mask": self.embedding.compute_mask(words)} if told else {}
            return self.lstm(self.embedding(words), initial_state=states, **options)

    words, states = keras.Input((4,), dtype="int32"), [keras.Input((3,)) for _ in range(2)]
    model = keras.Model([words, *states], keras.layers.Dense(1)(Decoder()([words, *states])))
    model.compile("sgd", "mse")
    rng = np.random.default_rng(2)
    x = [rng.integers(1, 9, (5, 4)), *(rng.normal(size=(5, 3)) for _ in range(2))]
    x[0][1, 2:], x[0][3, 1:] = 0, 0
    report = equivalence.certify(model, x, rng.normal(size=(5, 4, 1)), steps=1, engine="eager")
    assert report.verdict == ROUNDING_IDENTICAL and not report.astray
    assert [r.file for r in report.mathematics if r.name == "reader"] == ["refimpl/layers/lstm.py"]
    remarked = [remark for remark in report.remarks if remark.about == "mask"]
    assert [remark.layer for remark in remarked] == ([] if told else ["reader"])
    assert told or "keras-initial-state-drops-mask" in str(report).replace("\n", "")


def starting_from(change):
    """Return a class that is called LSTM, and starts from other states than it is given."""

    class LSTM(keras.layers.LSTM):
        def call(self, sequences, initial_state=None, mask=None, training=False):
            return super().call(sequences, change(initial_state), mask, training)

    LSTM.__module__ = keras.layers.LSTM.__module__
    return LSTM


@pytest.mark.parametrize(
    "change",
    [
        outer(lambda states: states[::-1], id="the other way round"),
        outer(lambda states: [states[0], tf.zeros_like(states[1])], id="no carry"),
        outer(lambda states: None, id="from nothing"),
        pytest.param(lambda states: [states[0] * (1 + 1e-4), states[1]], id="1e-4 off"),
    ],
)
def test_a_layer_that_starts_from_other_states_is_not_its_own_mathematics(change):
    """Every operation is honest; only the layer's formula says from what it starts."""
    model, x, y = translation(decoder=starting_from(change))
    report = equivalence.certify(model, x, y, steps=1, engine="eager")
    assert report.first is None and report.verdict == DIFFERENT
    assert report.astray[0].outside.startswith("decoder: outputs[")


CLASSES = np.int32([0, 2, 1, 2])
ONE_HOT = np.eye(3, dtype=np.float32)[CLASSES]
EACH = np.float32([[0], [1], [1], [0]])
PICTURES = np.random.default_rng(2).integers(0, 2, (4, 3, 2, 2)).astype(np.float32)
# Loss, its options, the last activation, targets, and the file of its mathematics.
LOSSES = {
    "told that probabilities are logits": (
        *("SparseCategoricalCrossentropy", {"from_logits": True}, "softmax", CLASSES),
        "sparse_categorical_crossentropy_logits",
    ),
    "of one unit, told so": (
        *("BinaryCrossentropy", {"from_logits": True}, "sigmoid", EACH),
        "binary_crossentropy_logits",
    ),
    "of shares": (
        "CategoricalCrossentropy",
        {},
        "softplus",
        ONE_HOT,
        "categorical_crossentropy_probabilities",
    ),
    "of shares of a class": (
        *("SparseCategoricalCrossentropy", {}, "hard_sigmoid", CLASSES),
        "sparse_categorical_crossentropy",
    ),
    "focal": (
        "CategoricalFocalCrossentropy",
        {},
        "softmax",
        ONE_HOT,
        "categorical_focal_crossentropy",
    ),
    "focal of a sigmoid": (
        *("BinaryFocalCrossentropy", {"apply_class_balancing": True}, "sigmoid", EACH),
        "binary_focal_crossentropy_logits",
    ),
    "of each sample": (
        "MeanSquaredError",
        {"reduction": None},
        "tanh",
        ONE_HOT,
        "mean_squared_error",
    ),
    "all pictures": ("Dice", {}, "sigmoid", PICTURES, "dice"),
    "each picture": ("Tversky", {"alpha": 0.3, "axis": (1, 2, 3)}, "sigmoid", PICTURES, "tversky"),
}


def _with_loss(loss, options, activation, targets):
    shape = targets.shape[1:] or (3,)
    x = np.random.default_rng(1).normal(size=(4, *shape[:-1], 5)).astype(np.float32)
    layers = [keras.layers.Dense(shape[-1]), keras.layers.Activation(activation)]
    model = keras.Sequential([keras.Input(x.shape[1:]), *layers])
    model.compile("sgd", getattr(keras.losses, loss)(**options))
    return model, x, targets


@pytest.mark.filterwarnings("ignore:.*from_logits=True")
@pytest.mark.parametrize("which", LOSSES)
def test_a_loss_is_held_of_what_keras_computes_it_of(which, monkeypatch):
    """Of the logits behind probabilities where it looks for them, of all of a sample in a row."""
    *parts, file = LOSSES[which]
    report = equivalence.certify(*_with_loss(*parts), steps=1)
    (row,) = (row for row in report.mathematics if row.kind == "loss")
    assert row.file == f"refimpl/losses/{file}.py" and row.held == ["loss"], row
    assert report.verdict == ROUNDING_IDENTICAL and not report.astray, report
    plain = keras.losses.Loss.__call__
    wrong = lambda self, *args, **kwargs: plain(self, *args, **kwargs) * 1.0001
    monkeypatch.setattr(keras.losses.Loss, "__call__", wrong)
    report = equivalence.certify(*_with_loss(*parts), steps=1)
    assert [each.kind for each in report.astray] == ["loss"]


@pytest.mark.filterwarnings("ignore:.*from_logits=True")
def test_a_loss_with_another_epsilon_of_keras_is_own_code():
    usual = keras.config.epsilon()
    keras.config.set_epsilon(1e-3)
    try:
        for which, known in (("all pictures", False), ("of one unit, told so", True)):
            report = equivalence.certify(*_with_loss(*LOSSES[which][:-1]), steps=1)
            (row,) = (row for row in report.mathematics if row.kind == "loss")
            assert bool(row.file) == known and ("epsilon is 0.001" in row.why) != known
            assert report.verdict == ROUNDING_IDENTICAL
    finally:
        keras.config.set_epsilon(usual)


def test_of_what_is_not_held_no_file_is_named():
    """The norm of all gradients hangs on each row that comes twice."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Embedding(4, 2)])
    model.compile(keras.optimizers.Adam(global_clipnorm=1.0), "mse")
    report = equivalence.certify(model, np.int32([[2, 2]]), np.ones((1, 2, 2)), steps=1)
    (row,) = (row for row in report.mathematics if row.kind == "optimizer")
    assert "all gradients meet" in row.why and not (row.file or row.held or row.apart)


def test_what_has_no_counterpart_is_own_code():
    import keras

    model = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(3, name="known"),
            keras.layers.Lambda(lambda x: x * x + x, name="mine"),
        ]
    )
    model.compile("sgd", "mse")
    x = np.ones((4, 3), np.float32)
    report = equivalence.certify(model, x, x, steps=1)
    assert report.mathematics_of("mine") == "own code: 4 operations"
    words = " ".join(str(report).split())
    assert "own code: mine (4 operations): there is no mathematics of the layer Lambda" in words


@pytest.mark.parametrize(
    "build_one",
    [
        pytest.param(lambda: build("cnn"), id="cnn"),
        outer(lambda: build("transformer"), id="transformer"),
        outer(lambda: translation(), id="translation"),
    ],
)
def test_asking_what_flows_back_to_layers_changes_no_operation(build_one):
    """The traced step has the operations of the step that nobody looks at."""
    import tensorflow as tf

    from equivalence.graph.step import of_model
    from equivalence.graph.trace import trace

    model, x, y = build_one()
    batch = tf.nest.map_structure(lambda of: tf.constant(of[:4]), (x, y))
    step = of_model(model, batch)
    kinds = [o.type for o in trace(step, batch).graph.get_operations()]
    plain = tf.function(step.function, autograph=False).get_concrete_function(*batch)
    assert kinds == [o.type for o in plain.graph.get_operations()]


def test_an_option_that_a_twin_lacks_is_no_twin():
    import keras

    class Shifted(keras.layers.Dense):
        def get_config(self):
            return {**super().get_config(), "shift": 1.0}

    layer = Shifted(2)
    Shifted.__name__ = "Dense"
    with pytest.raises(NoTwin, match="no mathematics of the layer Dense"):
        layer_twin(layer)  # a class of one's own, whatever its name
    Shifted.__module__ = "keras.src.layers.core.dense"
    with pytest.raises(NoTwin, match="shift"):
        layer_twin(layer)


@pytest.mark.parametrize("factor", [1, 1.001], ids=["right", "wrong"])
def test_each_of_two_updates_in_a_step_is_held_from_the_weights_that_it_finds(factor, monkeypatch):
    weight = keras.Variable(np.float32([[0.5]]))
    optimizer = keras.optimizers.Adam(0.1)
    optimizer.build([weight])
    plain, updates = keras.optimizers.Adam.update_step, []

    def second_wrong(self, gradient, variable, rate):
        updates.append(rate)
        return plain(self, gradient, variable, rate * (factor if len(updates) % 2 == 0 else 1))

    monkeypatch.setattr(keras.optimizers.Adam, "update_step", second_wrong)

    def step(x):
        for _ in range(2):
            with tf.GradientTape() as tape:
                y = tf.reduce_mean(tf.square(weight * x))
            optimizer.apply([tape.gradient(y, weight.value)], [weight])

    report = equivalence.certify(step, np.float32([[1.0], [2.0]]), steps=1)
    assert [row.held for row in report.mathematics] == [["weights", "slots"]] * 2
    assert [bool(row.outside) for row in report.mathematics] == [False, factor != 1], report


@pytest.mark.parametrize("rate", [0.05, 0.0])
@pytest.mark.parametrize("kind", ["SGD", "AdamW"])
def test_an_optimizer_is_held_by_the_rate_that_the_step_has_set(kind, rate):
    """At a rate of 0, which no optimizer of ours has, it is left to its operations."""

    class Model(keras.Model):
        def train_step(self, data):
            self.optimizer.learning_rate.assign(self.optimizer.learning_rate * rate)
            return super().train_step(data)

    given = keras.Input((3,))
    model = Model(given, keras.layers.Dense(2)(given))
    model.compile(getattr(keras.optimizers, kind)(0.1), "mse")
    x = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    report = equivalence.certify(model, x, x[:, :2], steps=2, engine="eager")
    assert report.verdict == ROUNDING_IDENTICAL and not report.astray, report
    (row,) = (row for row in report.mathematics if row.kind == "optimizer")
    assert bool(row.file) == bool(rate) and ("its rate is 0" in row.why) != bool(rate)


def test_an_optimizer_with_another_rate_than_its_variable_s_is_found(monkeypatch):
    plain = keras.optimizers.SGD.update_step
    wrong = lambda self, gradient, variable, rate: plain(self, gradient, variable, 1.001 * rate)
    monkeypatch.setattr(keras.optimizers.SGD, "update_step", wrong)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile("sgd", "mse")
    model.optimizer.learning_rate.assign(0.3)
    x = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    report = equivalence.certify(model, x, x[:, :2], steps=1, engine="eager")
    assert [row.kind for row in report.astray] == ["optimizer"]


def _by_an_optimizer(optimizer, gradients, variables):
    optimizer.apply(gradients, variables)


def _in_a_branch(optimizer, gradients, variables):
    tf.cond(
        tf.reduce_max(gradients[-1]) > -9,
        lambda: optimizer.apply(gradients, variables) or tf.constant(0),
        lambda: tf.constant(0),
    )


def _by_assignments(optimizer, gradients, variables):
    for variable, gradient in zip(variables, gradients):
        variable.assign(variable - 0.1 * tf.convert_to_tensor(gradient))


@pytest.mark.parametrize(
    ("kind", "update", "factor"),
    [
        ("Dense", _by_an_optimizer, 1.0001),
        ("Dense", _in_a_branch, 1),
        ("Dense", _by_assignments, 1),
        ("Embedding", _by_an_optimizer, 1),
        ("Embedding", _in_a_branch, 1.0001),
    ],
)
def test_a_layer_whose_weights_move_between_its_calls_is_held_with_those_of_each(
    kind, update, factor, monkeypatch
):
    """Of a table only the rows that came are moved, each by itself."""
    made = getattr(keras.layers, kind)
    layer = made(4, use_bias=False) if kind == "Dense" else made(5, 4)
    norm, head = keras.layers.BatchNormalization(), keras.layers.Dense(1, name="head")
    x = np.float32([[1, 2], [3, -1], [0, 4]]) if kind == "Dense" else np.int32([[0], [2], [3]])
    model = keras.Sequential([layer, norm, head])
    model(x)
    variables = model.trainable_variables
    optimizer = keras.optimizers.SGD(0.1)
    optimizer.build(variables)
    plain, calls = made.call, []

    def second_wrong(self, *args, **kwargs):
        calls.append(self)
        wrong = self is layer and sum(each is layer for each in calls) % 2 == 0
        return plain(self, *args, **kwargs) * (factor if wrong else 1.0)

    monkeypatch.setattr(made, "call", second_wrong)

    def step(x):
        for _ in range(2):
            with tf.GradientTape() as tape:
                y = tf.reduce_mean(tf.square(model(x, training=True)))
            update(optimizer, tape.gradient(y, variables), variables)

    report = equivalence.certify(step, x, steps=1)
    rows = [row for row in report.mathematics if row.name == layer.name]
    of_all = ["outputs", "gradients"] if kind == "Dense" else ["outputs"]
    assert [row.held for row in rows] == [of_all] * 2, report
    assert [bool(row.outside) for row in rows] == [False, factor != 1], report
    held = [row.held for row in report.mathematics if row.name == norm.name]
    assert held == [["outputs", "gradients", "states"]] * 2


def _in_rows(words, optimizer):
    """Return (the optimizer's row, the report) of a step with a table and a dense layer."""
    layers = keras.layers
    parts = [layers.Embedding(4, 2, name="words"), layers.Flatten(), layers.Dense(2)]
    model = keras.Sequential([keras.Input((3,), dtype="int32"), *parts])
    model.compile(optimizer, "mse")
    return _optimizer_of((model, np.int32(words), np.ones((1, 2), np.float32)), steps=1)


def _sparing(names, **options):
    optimizer = keras.optimizers.Adam(0.1, weight_decay=0.5, **options)
    optimizer.exclude_from_weight_decay(var_names=names)
    return optimizer


@pytest.mark.parametrize(
    ("words", "apart"), [([[0, 2, 1]], False), ([[0, 2, 2]], True)], ids=["each once", "one twice"]
)
@pytest.mark.parametrize(
    "build_one",
    [
        pytest.param(lambda: keras.optimizers.Adam(0.1, weight_decay=0.01), id="by numbers"),
        pytest.param(lambda: keras.optimizers.Adam(0.1, clipnorm=0.3), id="clipped by its norm"),
        outer(lambda: keras.optimizers.Adam(0.1, clipvalue=0.1), id="clipped by its numbers"),
        pytest.param(lambda: _sparing(["bias"], clipnorm=0.3), id="one that does not decay"),
        outer(lambda: _sparing(["embeddings"]), id="a table that does not decay"),
        outer(lambda: keras.optimizers.Lamb(0.1), id="by the norms of each"),
    ],
)
def test_an_optimizer_is_held_beside_a_gradient_that_comes_in_rows(words, apart, build_one):
    optimizer = build_one()
    row, report = _in_rows(words, optimizer)
    assert row.file == f"refimpl/optimizers/{type(optimizer).__name__.lower()}.py", row
    assert row.held == ["weights", "slots"] and report.verdict == ROUNDING_IDENTICAL
    # Weights and two slots of the dense layer's 14 numbers, and of the table's 8.
    assert row.numbers == 3 * (14 if apart else 22)
    assert [name.rpartition("/words/")[2] for name in row.apart] == ["embeddings"] * apart
    assert ("come several times" in " ".join(str(report).split())) == apart


@pytest.mark.parametrize(
    "build_one",
    [
        lambda: keras.optimizers.Adam(0.1, global_clipnorm=0.3),
        lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.1), 2.0**10),
    ],
    ids=["norm of all", "scaled"],
)
def test_gradients_that_meet_are_held_where_each_row_comes_once(build_one):
    row, report = _in_rows([[0, 2, 1]], build_one())
    assert row.held == ["weights", "slots"] and not row.outside, row


def test_a_clipped_step_that_goes_too_far_is_seen_beside_what_is_apart(monkeypatch):
    plain = keras.optimizers.SGD.update_step
    wrong = lambda self, gradient, variable, rate: plain(self, gradient, variable, 1.001 * rate)
    monkeypatch.setattr(keras.optimizers.SGD, "update_step", wrong)
    row, report = _in_rows([[0, 2, 2]], keras.optimizers.SGD(0.5, clipnorm=0.3))
    assert row.apart and "weights" in row.outside and report.verdict == DIFFERENT


def test_a_wrong_update_of_a_gradient_in_rows_is_seen(monkeypatch):
    plain = keras.optimizers.SGD.update_step

    def wrong(self, gradient, variable, rate):
        doubled = isinstance(gradient, tf.IndexedSlices)
        return plain(self, gradient, variable, 2 * rate if doubled else rate)

    monkeypatch.setattr(keras.optimizers.SGD, "update_step", wrong)
    layers = keras.layers
    parts = [layers.Embedding(4, 2, name="words"), layers.Flatten(), layers.Dense(2)]
    model = keras.Sequential([keras.Input((3,), dtype="int32"), *parts])
    model.compile("sgd", "mse")
    report = equivalence.certify(model, np.int32([[0, 2, 1]]), np.ones((1, 2)), steps=1)
    assert [row.kind for row in report.astray] == ["optimizer"]


def test_what_flows_back_is_given_to_a_tape_is_said():
    rate = tf.Variable([1.0, 2.0])

    def step(x, y):
        with tf.GradientTape() as tape:
            z = rate * x
        rate.assign_sub(tape.gradient(z, rate, output_gradients=y))

    x = np.ones((4, 2), np.float32)
    report = equivalence.certify(step, x, x, steps=1)
    assert report.gradient.without == "the tape was given output_gradients"


def _scaled(inner, scale=2.0**10):
    """Return a model of half precision, its loss scaled, by twice as much behind two steps."""
    rng = np.random.default_rng(3)
    with under("mixed_float16"):
        layers = keras.layers
        parts = [keras.Input((3,)), layers.Dense(4, "tanh"), layers.Dense(2, dtype="float32")]
        model = keras.Sequential(parts)
        model.compile(keras.optimizers.LossScaleOptimizer(inner, scale, 2), "mse")
    return model, rng.normal(size=(4, 3)), rng.normal(size=(4, 2))


def _optimizer_of(given, steps=3):
    report = equivalence.certify(*given, steps=steps, engine="eager")
    (row,) = (row for row in report.mathematics if row.kind == "optimizer")
    return row, report


@pytest.mark.parametrize("scale", [2.0**10, 2.0**40], ids=["finite", "left out"])
@pytest.mark.parametrize("name", ["SGD", "AdamW", "Lamb"])
def test_an_optimizer_that_scales_the_loss_is_held(name, scale):
    """What takes the step is in a branch: the report had no row of an optimizer at all."""
    row, report = _optimizer_of(_scaled(getattr(keras.optimizers, name)(0.05), scale))
    assert row.file == "refimpl/optimizers/loss_scale_optimizer.py"
    assert row.held == ["weights", "slots"] and not row.outside and not row.why
    # In all steps 26 numbers and their slots; three of each of 4 variables are of the scale.
    assert row.numbers == 3 * (26 * (1 if name == "SGD" else 3) + 3 * 4)
    assert (row.usage == 0) == (scale == 2.0**40), row.usage


@pytest.mark.parametrize(
    ("method", "wrong", "scale"),
    [
        ("_stateful_handle_finite_grads", lambda o: o.dynamic_scale.assign(8.0), 2.0**10),
        ("_stateful_handle_finite_grads", lambda o: o.step_counter.assign(0), 2.0**10),
        ("_stateful_handle_non_finite_grads", lambda o: o.dynamic_scale.assign(8.0), 2.0**40),
        ("_stateful_handle_non_finite_grads", lambda o: _grown(o), 2.0**40),
    ],
    ids=["scale", "counter", "scale of what is left out", "what is left out"],
)
def test_a_wrong_scale_of_the_loss_is_seen(method, wrong, scale, monkeypatch):
    kind = keras.optimizers.LossScaleOptimizer
    plain = getattr(kind, method)

    def planted(self, *given):
        plain(self, *given)
        wrong(self)

    monkeypatch.setattr(kind, method, planted)
    row, report = _optimizer_of(_scaled(keras.optimizers.SGD(0.05), scale))
    assert row.outside and report.verdict == DIFFERENT, row


def _grown(optimizer):
    weight = optimizer.inner_optimizer._trainable_variables[0]
    weight.assign(weight * 1.001)


def test_a_wrong_step_behind_a_scaled_loss_is_seen(monkeypatch):
    plain = keras.optimizers.SGD.update_step
    wrong = lambda self, gradient, variable, rate: plain(self, gradient, variable, 1.001 * rate)
    monkeypatch.setattr(keras.optimizers.SGD, "update_step", wrong)
    row, report = _optimizer_of(_scaled(keras.optimizers.SGD(0.5)))
    assert "weights" in row.outside and report.verdict == DIFFERENT


@pytest.mark.parametrize(
    ("build_one", "why"),
    [
        (lambda o: o.Muon(0.1), "Muon depends on the variables' shapes"),
        (lambda o: o.LossScaleOptimizer(o.SGD()), "it scales the loss twice"),
        (lambda o: o.Nadam(), "u_product is not among the optimizer's variables"),
    ],
    ids=["shapes", "twice", "a slot that Keras does not list"],
)
def test_a_scaled_step_without_mathematics_says_why(build_one, why):
    row, _ = _optimizer_of(_scaled(build_one(keras.optimizers)), steps=1)
    assert why in row.why and not row.file


def test_an_update_in_a_branch_is_own_code():
    variable, optimizer = tf.Variable([1.0, 2.0]), keras.optimizers.SGD(0.1)
    optimizer.build([variable])

    def step(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(variable * x)
        gradient = tape.gradient(loss, variable)
        tf.cond(loss > 0, lambda: _moved(optimizer, gradient, variable), lambda: None)

    row, report = _optimizer_of((step, np.float32([[1, 2]])), steps=1)
    assert row.why == ENCLOSED and not row.file
    assert row.why in " ".join(str(report).split())


def _moved(optimizer, gradient, variable):
    optimizer.apply([gradient], [variable])


def test_an_update_in_a_branch_is_told_beside_one_of_the_same_optimizer_outside():
    variable, optimizer = tf.Variable([1.0, 2.0]), keras.optimizers.SGD(0.1)
    optimizer.build([variable])

    def step(x):
        optimizer.apply([x[0]], [variable])
        tf.cond(x[0, 0] > 0, lambda: _moved(optimizer, x[0], variable), lambda: None)

    report = equivalence.certify(step, np.float32([[1, 2]]), steps=1)
    rows = [row for row in report.mathematics if row.kind == "optimizer"]
    assert [row.why for row in rows][1:] == [ENCLOSED], rows


class Enclosing(keras.Model):
    """Calls layers and losses in a branch, a loop's body and beside them."""

    def __init__(self):
        super().__init__()
        made = lambda name: keras.layers.Dense(3, "tanh", name=name)
        self.first, self.chosen, self.twice = map(made, ("first", "chosen", "twice"))
        self.reads = keras.layers.LSTM(3, name="reads")

    def call(self, x):
        h = self.first(self.twice(self.reads(x)))
        h = tf.cond(tf.reduce_sum(h) > -100, lambda: self.chosen(h), lambda: h)
        h = tf.while_loop(lambda k, h: k < 2, lambda k, h: (k + 1, self.twice(h)), (0, h))[1]
        aside = keras.losses.MeanSquaredError(name="aside")
        self.add_loss(tf.cond(tf.reduce_sum(h) > -100, lambda: aside(h, 2 * h), lambda: 0.0))
        return h


def test_what_is_called_in_a_branch_or_a_loop_is_said_to_be_held_by_its_operations():
    """Such parts had no row, and nothing said so; a held layer's own loop is its own affair."""
    model, x = Enclosing(), np.random.default_rng(2).normal(size=(4, 5, 3)).astype(np.float32)
    model(x)
    model.compile(keras.optimizers.SGD(0.1), "mse")
    report = equivalence.certify(model, x, x[:, 0], steps=1, engine="eager")
    enclosed = [(row.kind, row.name) for row in report.mathematics if row.why == ENCLOSED]
    assert enclosed == [("layer", "chosen"), ("layer", "twice"), ("loss", "aside")]
    words = " ".join(str(report).split())
    assert f"own code: chosen, twice, aside: {ENCLOSED}" in words
    assert report.mathematics_of("chosen") == f"own code: {ENCLOSED}"
    assert report.mathematics_of("twice") == "mathematics: refimpl/layers/dense.py"
    cells = {row.within for row in report.mathematics if row.name == "lstm_cell"}
    assert cells == {"reads"}


def test_a_loss_of_one_s_own_is_said_to_have_no_mathematics():
    """Its operations are called by no name of its own, and it was left out of what is told."""

    class Own(keras.losses.Loss):
        def call(self, targets, outputs):
            return keras.ops.mean((targets - outputs) ** 4, axis=-1)

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    model.compile("sgd", Own(name="mine"))
    x = np.ones((3, 2), np.float32)
    words = " ".join(str(equivalence.certify(model, x, x, steps=1)).split())
    assert "own code: mine: there is no mathematics of the loss Own" in words
