"""Somebody's own training step, certified operation by operation."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from helpers.turns import EVERY, thinned
from tensorflow.python.framework import ops

import equivalence
from equivalence.cli.parser import main
from equivalence.judge.verdict import DIFFERENT, ROUNDING_IDENTICAL
from equivalence.plants.ordinary import MODELS, build

pytestmark = pytest.mark.tensorflow

# What a commit certifies; HYPOTHESIS_PROFILE=deep has all models.
COMMON = (
    "dense",
    "cnn",
    "depthwise",
    "transformer",
    "recurrent",
    "two_inputs",
    "own_step",
    "branches",
    "experts",
    "gan",
    "module",
    "noisy",
    "resized",
)
# A Fourier transform's numbers are complex, of which there is no rounding model.
COMPLEX = ("spectrum",)
NAMES = [name for name in MODELS if name not in COMPLEX] if EVERY else COMMON


@pytest.mark.parametrize("name", thinned(8, NAMES))
def test_every_number_of_a_model_s_steps_is_certified_and_the_model_stays_as_it_was(name):
    model, x, y = build(name)
    engine = "eager" if name in ("dense", "own_step") else "graph"
    variables = getattr(model, "variables", [])
    before = [v.numpy() for v in variables]
    report = equivalence.certify(model, x, y, steps=2, batch_size=4, engine=engine)
    assert report.first is None, report
    assert report.verdict == ROUNDING_IDENTICAL
    assert report.complete, report
    assert report.checked == report.numbers > 0
    assert report.gradient.proved, report.gradient
    assert len(report.unobserved) == report.steps == 2
    for variable, value in zip(variables, before):
        assert np.array_equal(variable.numpy(), value), variable.path


def test_a_report_names_layers_lines_and_how_sharp_it_is():
    model, x, y = build("cnn")
    report = equivalence.certify(model, x, y, steps=1)
    names = [layer.name for layer in report.layers]
    assert {layer.name for layer in model.layers} <= set(names)
    assert {model.optimizer.name, "loss", "step"} <= set(names)
    conv = next(o for o in report.operations if o.kind == "Conv2DBackpropFilter")
    assert conv.layer.startswith("conv2d")
    assert "base_conv.py" in conv.line
    update = next(o for o in report.operations if o.kind == "AssignSubVariableOp")
    assert update.about.endswith(("kernel", "bias", "gamma", "beta"))
    assert 0 < conv.sharp_to < 0.1 and report.sharp_to >= conv.sharp_to
    text = str(report)
    assert "rounding-identical" in text and max(map(len, text.splitlines())) <= 80
    told = json.loads(report.to_json())
    assert told["verdict"] == "rounding-identical" and len(told["operations"]) > 100


def test_a_function_that_trains_variables_is_certified_and_its_lines_are_the_user_s():
    import tensorflow as tf

    weight, bias = tf.Variable([[0.5, -1.0]]), tf.Variable([0.0, 0.0])

    def step(x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(tf.sin(x @ weight + bias) - y))
        for variable, gradient in zip((weight, bias), tape.gradient(loss, (weight, bias))):
            variable.assign_sub(0.1 * gradient)
        return loss

    x = np.linspace(-1, 1, 6, dtype=np.float32)[:, None]
    report = equivalence.certify(step, x, np.cos(x))
    assert report.verdict == ROUNDING_IDENTICAL and report.complete
    assert any(o.line.startswith("tests") or "test_certify.py" in o.line for o in report.operations)
    kept = equivalence.certify(step, x, np.cos(x), steps=1, keep=True)
    assert kept.verdict == ROUNDING_IDENTICAL
    assert weight.numpy()[0, 0] != np.float32(0.5)


def test_an_operation_without_a_rule_is_named_with_its_layer_and_leaves_the_report_incomplete():
    import keras
    import tensorflow as tf

    odd = keras.layers.Lambda(lambda z: tf.math.polygamma(tf.ones_like(z), z), name="odd")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3), odd])
    model.compile("sgd", "mse")
    x = np.ones((4, 3), np.float32)
    report = equivalence.certify(model, x, x, steps=1)
    assert not report.complete
    assert [(o.kind, o.layer) for o in report.without] == [("Polygamma", "odd")] * 2
    assert "Polygamma (no rule; odd)" in " ".join(str(report).split())


def normalizing(samples, spread):
    """Return the Gradient of a net that divides what hardly varies by nearly nothing."""
    import keras

    keras.utils.set_random_seed(1)
    layers = keras.layers
    parts = [layers.Dense(4, name="first"), layers.BatchNormalization(epsilon=1e-14)]
    model = keras.Sequential([keras.Input((3,)), *parts, layers.Dense(2)])
    model.compile("sgd", "mse")
    rng = np.random.default_rng(0)
    x, y = 1 + spread * rng.normal(size=(samples, 3)), rng.normal(size=(samples, 2))
    return equivalence.certify(model, x, y, steps=1, engine="eager").gradient


def test_gradients_that_are_right_one_by_one_are_proved_though_together_they_lose_digits():
    """So are those in front of a normalization of one sample, which are 0 each."""
    found = normalizing(1, 1.0)
    assert found.proved and found.variables == 6 and found.apart < 2**-22, found


def test_where_float64_is_too_narrow_the_layer_in_front_of_it_is_named():
    found = normalizing(4, 1e-7)
    assert "float64 is too narrow" in found.without and "flows back to first is" in found.without


def test_a_gradient_of_one_s_own_that_is_no_derivative_is_told_with_its_layer():
    import keras

    @tf.custom_gradient
    def reversed_flow(y):
        return tf.identity(y), lambda flow: -flow

    layers = [keras.layers.Dense(2), keras.layers.Lambda(reversed_flow, name="turned")]
    model = keras.Sequential([keras.Input((3,)), *layers, keras.layers.Dense(1, name="behind")])
    model.compile("sgd", "mse")
    x = np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3)
    report = equivalence.certify(model, x, x[:, :1], steps=1, engine="eager")
    assert report.verdict == ROUNDING_IDENTICAL and report.first is None
    assert report.gradient.meant == ["turned"] and report.gradient.differs > 0.1
    assert not report.gradient.wrong and not report.gradient.proved
    words = " ".join(str(report).split())
    assert "but for the tf.custom_gradient in turned: it is not the derivative of its" in words


@tf.custom_gradient
def held_back(x):
    return 2 * x, lambda flow: tf.clip_by_norm(flow, 0.1)


@tf.custom_gradient
def square(x):
    return tf.square(x), lambda flow: 2 * x * flow


@pytest.mark.parametrize("wrong", [False, True], ids=["honest", "wrong"])
@pytest.mark.parametrize("before", [False, True], ids=["behind it", "before it"])
def test_beside_a_gradient_of_one_s_own_all_others_are_proved(monkeypatch, wrong, before):
    """An arctangent's slope that is off by 1e-3, before or behind two gradients of one's own."""
    kind = ops.gradient_registry._registry["Atan"]
    factor = 1.001 if wrong else 1.0
    slope = lambda operation, flow: factor * flow / (1 + tf.square(operation.inputs[0]))
    monkeypatch.setitem(kind, "type", slope)
    rng = np.random.default_rng(0)
    w, v = (tf.Variable(rng.normal(size=shape).astype(np.float32)) for shape in ((3, 2), (2, 2)))

    def step(x, y):
        with tf.GradientTape() as tape:
            z = x @ w
            z = tf.atan(z) if before else z
            z = square(held_back(z)) @ v + z
            z = z if before else tf.atan(z)
            loss = tf.reduce_mean((z - y) ** 2)
        for variable, gradient in zip((w, v), tape.gradient(loss, (w, v))):
            variable.assign_sub(0.1 * gradient)

    x, y = (rng.normal(size=(5, columns)).astype(np.float32) for columns in (3, 2))
    gradient = equivalence.certify(step, x, y, steps=1).gradient
    assert bool(gradient.wrong) == wrong
    if not wrong:
        assert gradient.meant == ["step"]
        assert gradient.apart <= 100 * 2.0**-53  # ten operations, of sums of ten terms at most


@pytest.mark.parametrize("wrong", [False, True], ids=["honest", "wrong"])
def test_what_flows_straight_through_steps_is_told_and_all_else_is_proved(monkeypatch, wrong):
    """Jacob and others 2018: numbers of few bits, whose gradient is that of none."""
    kind = ops.gradient_registry._registry["Atan"]
    slope = lambda operation, flow: 1.001 * flow / (1 + tf.square(operation.inputs[0]))
    if wrong:
        monkeypatch.setitem(kind, "type", slope)
    rng = np.random.default_rng(0)
    kernel = tf.Variable(rng.normal(size=(5, 4)).astype(np.float32))
    ends = [tf.Variable(np.float32(end)) for end in (-1.0, 1.0)]
    of_channels = [tf.Variable(np.full(4, end, np.float32)) for end in (-1.5, 1.0)]
    weights = [kernel, *ends, *of_channels]

    def step(x, y):
        with tf.GradientTape() as tape:
            few = tf.quantization.fake_quant_with_min_max_vars(kernel, *ends, num_bits=4)
            z = tf.atan(tf.quantization.fake_quant_with_min_max_args(x, -2.0, 2.0) @ few)
            z = tf.quantization.fake_quant_with_min_max_vars_per_channel(z, *of_channels)
            loss = tf.reduce_mean((z - y) ** 2)
        for variable, gradient in zip(weights, tape.gradient(loss, weights)):
            variable.assign_sub(0.1 * gradient)

    x, y = (rng.normal(size=(6, columns)).astype(np.float32) for columns in (5, 4))
    report = equivalence.certify(step, x, y, steps=1)
    assert report.complete and report.first is None, report
    assert bool(report.gradient.wrong) == wrong
    if not wrong:
        assert "FakeQuantWithMinMaxVars of step" in report.gradient.meant
        words = " ".join(str(report).split())
        assert "the gradient of FakeQuantWithMinMaxVars of step: it is not the derivative" in words
        assert report.verdict == ROUNDING_IDENTICAL


@pytest.mark.parametrize("used", [False, True])
def test_a_logarithm_of_a_number_below_0_is_told_where_it_is_used(used):
    """What a choice leaves out is no overflow; else the report names where it comes from."""
    weight = tf.Variable([1.0, 2.0])

    def step(x):
        with tf.GradientTape() as tape:
            kept = tf.where(x > 0, tf.math.log(x), 0.0)
            loss = tf.reduce_sum(weight * (tf.math.log(x) if used else kept))
        weight.assign_sub(0.1 * tape.gradient(loss, weight))

    report = equivalence.certify(step, np.float32([[-1, 2], [3, 4]]), steps=1, engine="eager")
    assert (report.verdict == ROUNDING_IDENTICAL) != used
    assert report.first is None and ("no number: step 0, step, Log" in report.arose) == used


def test_a_layer_of_whole_numbers_is_certified_behind_which_another_learns():
    """What is multiplied in int8 is added in int32."""
    import keras

    kept = keras.layers.Dense(6)
    kept.build((None, 40))
    kept.quantize("int8")
    kept.trainable = False
    model = keras.Sequential([keras.Input((40,)), kept, keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.random.default_rng(0).normal(size=(4, 40)).astype(np.float32)
    report = equivalence.certify(model, x, x[:, :1], steps=1, engine="eager")
    assert report.verdict == ROUNDING_IDENTICAL and report.complete, report
    products = [each for each in report.operations if each.kind == "BatchMatMulV3"]
    assert products and not products[0].without


def test_the_proof_of_gradients_runs_what_these_depend_on_and_nothing_else():
    w = tf.Variable([[1.0], [2.0]])

    def step(x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((x @ w - y) ** 2)
        w.assign_sub(0.1 * tape.gradient(loss, w))
        return tf.math.polygamma(1.0, loss)  # which has no rule

    x = np.float32([[1, 2], [3, 5], [2, 7]])
    report = equivalence.certify(step, x, x[:, :1], steps=1)
    assert [o.kind for o in report.without] == ["Polygamma"]
    assert report.gradient.proved, report.gradient


def test_a_user_s_rule_certifies_an_operation_and_a_wrong_one_calls_it_different():
    import tensorflow as tf

    from equivalence.graph.rules import RULES

    weight = tf.Variable([0.25, 2.0])

    def step(x):
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(tf.math.xlogy(x, weight))
        weight.assign_sub(0.1 * tape.gradient(y, weight))

    x, before = np.full((3, 2), 0.75, np.float32), dict(RULES)
    try:
        right = equivalence.graph.rule("Xlogy")(lambda x, y: x * np.log(y))
        equivalence.graph.rule("Xdivy")(lambda x, y: x / y)
        report = equivalence.certify(step, x, steps=1)
        assert report.verdict == ROUNDING_IDENTICAL and report.complete, report
        equivalence.graph.rule("Xlogy")(lambda x, y: 1.001 * right(x, y))
        report = equivalence.certify(step, x, steps=1)
        assert report.verdict == DIFFERENT and report.first.kind == "Xlogy"
    finally:
        RULES.update(before)


def _labels(keras, x):
    """Return a model of two classes, and labels of a fifth."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return {"model": model, "y": np.array([0, 1, 4, 0])}


BAD = [
    ("not compiled", lambda k, x: {"model": k.Sequential([k.Input((2,)), k.layers.Dense(1)])}),
    ("whole number above 0", lambda k, x: {"steps": 0}),
    ("whole number above 0", lambda k, x: {"steps": True}),
    ("lists of inputs", lambda k, x: {"x": [[1.0, 2.0], [3.0, 4.0]]}),
    ("unknown engine", lambda k, x: {"engine": "grph"}),
    ("cannot be certified", lambda k, x: {"model": 3}),
    ("cannot take this batch", lambda k, x: {"x": np.ones((4, 5), np.float32)}),
    ("3 and 4 samples", lambda k, x: {"y": x[:3]}),
    ("nan at [1, 0]", lambda k, x: {"x": np.where(np.eye(4, 2, -1) > 0, np.nan, x)}),
    ("no samples", lambda k, x: {"x": x[:0], "y": x[:0]}),
    ("arrays of numbers", lambda k, x: {"x": "a.npz"}),
    ("arrays of numbers", lambda k, x: {"x": np.array(["one", None, "two", 3], object)}),
    ("cannot take this batch", lambda k, x: {"x": np.array(["one"] * 4)}),
    ("generator may have no end", lambda k, x: {"x": (x for _ in iter(int, 1))}),
    ("cannot run this batch", _labels),
]


@pytest.mark.parametrize(("words", "change"), BAD, ids=[words for words, _ in BAD])
def test_what_cannot_be_certified_is_said_in_one_sentence(words, change):
    import keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    model.compile("sgd", "mse")
    x = np.ones((4, 2), np.float32)
    arguments = {"model": model, "x": x, "y": x, **change(keras, x)}
    with pytest.raises(equivalence.BadInput) as raised:
        equivalence.certify(**arguments)
    assert words in str(raised.value) and "\n" not in str(raised.value)


def test_a_step_that_eager_execution_does_not_take_is_said_in_one_sentence():
    kernel = tf.Variable([[1.0], [2.0]])

    def step(x):
        name = x.op.name  # which a tensor has in graphs alone
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((x @ kernel) ** 2, name=f"of_{name}")
        kernel.assign_sub(0.1 * tape.gradient(loss, kernel))

    x = np.ones((4, 2), np.float32)
    with pytest.raises(equivalence.BadInput) as raised:
        equivalence.certify(step, x, steps=1, engine="eager")
    words = str(raised.value)
    assert "engine='eager' cannot run 'step': AttributeError" in words and "\n" not in words
    assert equivalence.certify(step, x, steps=1, engine="graph").complete


# ---------------------------------------------------------------------------- watched


def test_the_step_that_users_run_is_watched_without_changing_a_bit_and_certified():
    model, x, y = build("dense")
    report = equivalence.certify(model, x, y, steps=1, watch=True)
    seen = report.watch
    # The kinds that are known to be fused are left aside at once.
    assert seen.whole and seen.watched >= seen.tensors - 8 and seen.compilations == 1
    assert 0.8 * seen.numbers < seen.checked and seen.checked + seen.enclosed == seen.numbers
    assert not seen.unexplained and not seen.without
    assert "watched as engine graph runs it" in " ".join(str(report).split())


def test_a_sigmoid_that_became_one_kernel_with_its_product_is_left_aside_at_once():
    """EfficientNetB0, which has 65 of them, was searched for longer than 20 minutes."""
    import keras

    keras.utils.set_random_seed(7)
    layers, rng = keras.layers, np.random.default_rng(7)
    model = keras.Sequential([keras.Input((6, 6, 2)), layers.Conv2D(4, 3, use_bias=False)])
    model.add(layers.BatchNormalization())
    for layer in (layers.Activation("silu"), layers.Flatten(), layers.Dense(2)):
        model.add(layer)
    model.compile("sgd", "mse")
    x, y = rng.normal(size=(4, 6, 6, 2)), rng.normal(size=(4, 2))
    seen = equivalence.certify(model, x, y, steps=1, engine="graph", watch=True).watch
    assert seen.compilations == 1 and seen.fused["Sigmoid"] >= 1
    assert seen.checked + seen.enclosed == seen.numbers and not seen.unexplained


def looped(inner):
    """Return a step with a loop, in whose rounds ``inner`` is called, and its batch."""
    import tensorflow as tf

    weight = tf.Variable([0.5, -0.25])

    def step(x):
        with tf.GradientTape() as tape:
            h = tf.while_loop(
                lambda n, h: n < 3,
                lambda n, h: (n + 1, inner(h * weight)),
                (0, x),
                maximum_iterations=3,
            )[1]
            loss = tf.reduce_sum(h)
        weight.assign_sub(0.1 * tape.gradient(loss, weight))

    return step, np.float32([[1.5, 2.5], [0.75, -3.0]])


@pytest.mark.parametrize("engine", ["graph", "xla"])
def test_what_a_loop_computes_is_watched_round_by_round(engine):
    import tensorflow as tf

    step, x = looped(tf.tanh)
    report = equivalence.certify(step, x, steps=1, engine=engine, watch=True)
    seen = report.watch
    assert seen.checked + seen.enclosed == seen.numbers and seen.inside == 0 and seen.whole
    # of each round the product, its tanh, and what flows back through both
    assert seen.looked_into >= 3 * 4 * x.size
    assert "inside of loops" not in " ".join(str(report).split())


def test_a_wrong_number_in_one_round_of_a_loop_is_not_explained(monkeypatch):
    import tensorflow as tf

    from equivalence.graph import watch

    plain = watch.Watching.run

    def wrong(watching, keep):
        after, values = plain(watching, keep)
        for key, value in values.items():
            if key[1].startswith("while/Tanh"):
                value[1, 0, 1] *= np.float32(1.001)
        return after, values

    monkeypatch.setattr(watch.Watching, "run", wrong)
    step, x = looped(tf.tanh)
    seen = equivalence.certify(step, x, steps=1, watch=True).watch
    assert "while/Tanh" in [name for name, _ in seen.unexplained]


def branching(x, weight):
    """Return a number that is computed in a branch, in a case of three and in a function."""
    import tensorflow as tf

    called = tf.function(lambda h: tf.exp(-h), autograph=False)
    h = tf.cond(tf.reduce_sum(x) > 0, lambda: x * weight, lambda: x + weight)
    h = tf.switch_case(tf.constant(1), [lambda: h * 2.0, lambda: tf.tanh(h), lambda: h * 3.0])
    return called(h)


@pytest.mark.parametrize("engine", ["graph", "xla"])
def test_what_branches_and_calls_compute_is_watched(engine):
    import tensorflow as tf

    weight = tf.Variable([0.5, -0.25])

    def step(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(branching(x, weight))
        weight.assign_sub(0.1 * tape.gradient(loss, weight))

    x = np.float32([[1.5, 2.5], [0.75, -3.0]])
    seen = equivalence.certify(step, x, steps=1, engine=engine, watch=True).watch
    assert seen.looked_into >= 3 * x.size and seen.inside == 0
    assert seen.checked + seen.enclosed == seen.numbers and not seen.unexplained


def test_a_wrong_number_in_a_branch_is_not_explained(monkeypatch):
    import tensorflow as tf

    from equivalence.graph import watch

    plain, weight = watch.Watching.run, tf.Variable([0.5, -0.25])

    def wrong(watching, keep):
        after, values = plain(watching, keep)
        for key, value in values.items():
            if key[1].endswith("Tanh:0"):
                value[0, 1] *= np.float32(1.001)
        return after, values

    monkeypatch.setattr(watch.Watching, "run", wrong)
    step = lambda x: weight.assign(tf.reduce_sum(branching(x, weight), axis=0))
    seen = equivalence.certify(step, np.ones((2, 2), np.float32), steps=1, watch=True).watch
    assert any(name.endswith("Tanh") for name, _ in seen.unexplained)


def test_what_is_inside_of_a_branch_in_a_loop_counts_as_not_watched():
    import tensorflow as tf

    step, x = looped(lambda h: tf.cond(tf.reduce_sum(h) > 0, lambda: h * 2.0, lambda: h * 3.0))
    report = equivalence.certify(step, x, steps=1, watch=True)
    seen = report.watch
    assert seen.inside >= 3 * x.size and seen.checked <= seen.numbers - seen.inside
    assert f"{seen.inside} of these numbers are inside of loops" in " ".join(str(report).split())


@pytest.mark.parametrize("kind", ["LSTM", pytest.param("GRU", marks=pytest.mark.outer)])
def test_of_a_recurrent_layer_nearly_all_numbers_are_watched_as_users_run_it(kind):
    import keras

    layer = getattr(keras.layers, kind)(4)
    model = keras.Sequential([keras.Input((3, 2)), layer, keras.layers.Dense(2)])
    model.compile("adam", "mse")
    x, y = np.random.default_rng(0).normal(size=(4, 3, 2)), np.ones((4, 2))
    seen = equivalence.certify(model, x, y, steps=1, watch=True).watch
    assert seen.checked >= 0.97 * seen.numbers
    assert seen.looked_into > 0.5 * seen.numbers and not seen.unexplained and not seen.without


def test_a_wrong_number_in_a_watched_step_is_not_explained(monkeypatch):
    from equivalence.graph import watch

    plain = watch.Watching.run

    def wrong(watching, keep):
        after, values = plain(watching, keep)
        changed = {n: v * np.float32(1.001) if "Tanh" in n else v for n, v in values.items()}
        return after, changed

    monkeypatch.setattr(watch.Watching, "run", wrong)
    model, x, y = build("dense")
    seen = equivalence.certify(model, x, y, steps=1, watch=True).watch
    assert any("Tanh" in name for name, _ in seen.unexplained)


def test_eager_steps_are_not_watched():
    model, x, y = build("dense")
    with pytest.raises(equivalence.BadInput, match="watch graph, xla, fit, train_on_batch"):
        equivalence.certify(model, x, y, engine="eager", watch=True)
    model.run_eagerly = True
    with pytest.raises(equivalence.BadInput, match="'fit' runs this model eagerly"):
        equivalence.certify(model, x, y, engine="fit", watch=True)


@pytest.mark.parametrize("engine", ["fit", "train_on_batch"])
def test_the_step_that_keras_runs_is_watched_and_the_model_stays_as_it_was(engine):
    model, x, y = build("dense")
    made, start = model.train_function, [v.numpy() for v in model.variables]
    # Of 6 samples in batches of 4 fit does not know the size of a batch.
    report = equivalence.certify(
        model, x[:6], y[:6], steps=1, batch_size=4, engine=engine, watch=True
    )
    assert report.verdict == ROUNDING_IDENTICAL and report.unobserved[0].variables > 0
    assert report.watch.alike and report.watch.covered >= 0.97 and not report.watch.unexplained
    assert model.train_function is made
    assert all(np.array_equal(v.numpy(), old) for v, old in zip(model.variables, start))
    assert f"watched as engine {engine} runs it" in " ".join(str(report).split())


def test_what_fit_compiles_by_xla_is_watched_as_that():
    from equivalence.graph.unobserved import compiles

    model, x, y = build("dense")
    model.compile("sgd", "mse", jit_compile=True)
    assert compiles("fit", model) == "xla"
    seen = equivalence.certify(model, x, y, steps=1, engine="fit", watch=True).watch
    assert seen.alike and seen.covered >= 0.9


def test_a_function_has_no_fit():
    step, x = looped(lambda h: h)
    with pytest.raises(equivalence.BadInput, match="is a way of Keras models"):
        equivalence.certify(step, x, engine="fit")


def test_fit_trains_with_lists_and_dicts_of_inputs():
    model, x, y = build("two_inputs")
    report = equivalence.certify(model, x, y, steps=1, engine="fit")
    assert report.verdict == ROUNDING_IDENTICAL and report.unobserved[0].numbers > 0.5


@pytest.mark.parametrize("engine", ["eager", "graph", "fit", "train_on_batch"])
@pytest.mark.parametrize("apart", [False, True], ids=["alone", "in a tuple"])
def test_a_step_of_one_s_own_takes_x_alone_as_fit_gives_it(engine, apart):
    """``fit(x)`` hands the array itself to ``train_step``; a dataset may have tuples of one."""
    import keras

    class Itself(keras.Model):
        def __init__(self):
            super().__init__()
            self.inner = keras.layers.Dense(2)

        def call(self, x):
            return self.inner(x)

        def train_step(self, data):
            if apart:
                (data,) = data
            with tf.GradientTape() as tape:
                loss = keras.ops.mean((self(data) - data) ** 2)
            weights = self.trainable_variables
            self.optimizer.apply(tape.gradient(loss, weights), weights)
            return {"loss": loss}

    model, x = Itself(), np.ones((4, 2), np.float32)
    model.compile("sgd")
    report = equivalence.certify(model, x, steps=1, engine=engine)
    assert report.verdict == ROUNDING_IDENTICAL and report.complete


def test_a_tensor_that_no_graph_has_any_more_is_said_in_one_sentence():
    """What makes variables is traced twice: a layer that is built in it may keep a tensor."""
    made = []

    def step(x):
        if not made:
            made.extend([tf.Variable([1.0, 2.0]), tf.reduce_sum(x) * 2.0])
        weight, kept = made
        weight.assign_sub(0.1 * weight * kept)

    with pytest.raises(equivalence.BadInput) as raised:
        equivalence.certify(step, np.ones((4, 2), np.float32), steps=1)
    assert "made when it was traced before" in str(raised.value) and "\n" not in str(raised.value)


def test_a_model_that_was_watched_before_is_compiled_once(monkeypatch, tmp_path):
    import keras

    from equivalence.graph import watchable

    monkeypatch.setenv(watchable.FOLDER, str(tmp_path))
    monkeypatch.setattr(watchable, "FUSED", {})
    seen, x = [], np.ones((4, 2), np.float32)
    for _ in range(2):
        keras.utils.clear_session()  # names of layers are counted from here
        keras.utils.set_random_seed(7)  # whose bits a fetch keeps by chance hangs on the numbers
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, "tanh")])
        model.compile("sgd", "mse")
        seen.append(equivalence.certify(model, x, x, steps=1, watch=True).watch)
    assert seen[1].compilations == 1 <= seen[0].compilations <= 40
    assert seen[1].covered == seen[0].covered and seen[1].fused == seen[0].fused


def test_a_variable_that_is_written_twice_is_enclosed_between(monkeypatch):
    import tensorflow as tf

    weight = tf.Variable([0.5, -0.25])

    def step(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(x * weight)
        weight.assign_sub(0.1 * weight)
        weight.assign_sub(0.1 * tape.gradient(loss, weight))

    seen = equivalence.certify(step, np.float32([[1.5, 2.5]]), steps=1, watch=True).watch
    assert seen.checked + seen.enclosed == seen.numbers and seen.enclosed >= 2


def test_a_compiled_sum_adds_in_the_order_of_the_names_of_its_terms():
    """Why steps with a sum over many time steps have other bits in a graph than observed.

    Grappler gives an AddN's terms the order of their names, of which x_10 comes before x_2.
    """
    terms = np.random.default_rng(0).normal(size=(50, 40)).astype(np.float32)

    def total(*terms):
        return tf.raw_ops.AddN(inputs=[t * np.float32(2.5) for t in terms])

    by_name = sorted(range(50), key=lambda k: f"mul_{k}" if k else "mul")
    compiled = tf.function(total, autograph=False)(*terms).numpy()
    assert np.array_equal(compiled, total(*terms[by_name]).numpy())
    assert not np.array_equal(compiled, total(*terms).numpy())


def test_a_step_whose_graph_has_other_bits_by_itself_is_not_watched(monkeypatch):
    from equivalence.graph import watch

    plain = watch.Watching.run

    def other(watching, keep):
        after, values = plain(watching, keep)
        return [np.nextafter(a, 9, dtype=a.dtype) if a.dtype == "f" else a for a in after], values

    monkeypatch.setattr(watch.Watching, "run", other)
    step, x = looped(lambda h: h)
    report = equivalence.certify(step, x, steps=1, watch=True)
    assert not report.watch.alike and report.watch.covered == 0 < report.watch.numbers
    assert "gives other bits" in " ".join(str(report).split())


# -------------------------------------------------------------------------- the command

MINE = """
import keras

def build():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="only")])
    model.compile("sgd", "mse")
    return model

def broken():
    raise KeyError("nothing")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with a file of models, data, a saved model, and what is none."""
    here = tmp_path_factory.mktemp("mine")
    (here / "mine.py").write_text(MINE)
    (here / "no.keras").write_text("no")
    x = np.linspace(0, 1, 12, dtype=np.float32).reshape(4, 3)
    np.savez(here / "data.npz", x=x, y=x[:, :2])
    np.savez(here / "names.npz", a=x)
    space = {}
    exec(MINE, space)
    space["build"]().save(here / "saved.keras")
    return here


def test_the_command_certifies_a_file_s_model_and_a_saved_one(folder, capsys, monkeypatch):
    monkeypatch.chdir(folder)
    files = ["--html", "page.html", "--json", "lines.jsonl"]
    engines = ["--engine", "eager", "--engine", "graph"]
    assert main(["certify", "mine.py:build", "--data", "data.npz", *engines, *files]) == 0
    assert "rounding-identical" in capsys.readouterr().out
    page = (folder / "page.html").read_text()
    assert page.count("<section") == 2 and "only" in page and "http" not in page
    lines = (folder / "lines.jsonl").read_text().splitlines()
    told = [json.loads(line) for line in lines if "operations" in json.loads(line)]
    assert [line["engine"] for line in told] == ["eager", "graph"]
    assert main(["certify", "saved.keras", "--data", "data.npz", "--steps", "1"]) == 0


REFUSED = [
    (["mine.py:build"], "comes without data"),
    (["mine.py:nothing", "--data", "data.npz"], "has no 'nothing'"),
    (["mine.py:broken", "--data", "data.npz"], "raised KeyError"),
    (["mine.py", "--data", "data.npz"], "is no model"),
    (["no.keras", "--data", "data.npz"], "no model that Keras can load"),
    (["none.keras", "--data", "data.npz"], "no such file"),
    (["saved.keras", "--data", "mine.py"], "no .npz file"),
    (["saved.keras", "--data", "names.npz"], "the names are x, y"),
    (["saved.keras", "--data", "data.npz", "--engine", "split"], "unknown engine 'split'"),
]


@pytest.mark.parametrize(("arguments", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_the_command_says_in_one_sentence_what_it_cannot_use(
    folder, arguments, words, capsys, monkeypatch
):
    monkeypatch.chdir(folder)
    assert main(["certify", *arguments]) == 2
    said = capsys.readouterr().err
    assert words in said and said.count("\n") == 1


# ------------------------------------------------------------------------ large models


def of_images(name, optimizer):
    """Return a model of keras.applications for 32 x 32 images, compiled, and eight samples."""
    import keras

    keras.utils.clear_session()
    keras.utils.set_random_seed(7)
    build = getattr(keras.applications, name)
    model = build(weights=None, input_shape=(32, 32, 3), classes=10, classifier_activation=None)
    model.compile(optimizer, keras.losses.CategoricalCrossentropy(from_logits=True))
    rng = np.random.default_rng(7)
    classes = np.eye(10, dtype=np.float32)[rng.integers(10, size=8)]
    return model, rng.normal(size=(8, 32, 32, 3)).astype(np.float32), classes


@pytest.mark.skipif(not EVERY, reason="a large model: HYPOTHESIS_PROFILE=deep")
@pytest.mark.parametrize(
    ("name", "optimizer"),
    [("MobileNetV2", "adam"), ("ResNet50", "sgd"), ("EfficientNetB0", "rmsprop")],
)
def test_every_number_of_a_large_model_s_step_is_certified(name, optimizer):
    report = equivalence.certify(*of_images(name, optimizer), steps=1)
    assert report.verdict == ROUNDING_IDENTICAL and report.complete, report
    assert report.gradient.proved, report.gradient


OF_A_USER = """
import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.framework import ops

X = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")


slope = lambda op, flow: flow / (1 + op.inputs[0] ** 2) * (1 + 1e-5)
ops.gradient_registry._registry["Atan"]["type"] = slope


def model(square):
    keras.utils.set_random_seed(1)
    layers = keras.layers.Dense(2, name="first"), keras.layers.Lambda(square, name="square")
    made = keras.Sequential([keras.Input((3,)), *layers])
    made.compile("sgd", "mse")
    return made


def test_right(certify):
    assert certify(model(tf.square), X, X[:, :2]).steps == 2


def test_wrong(certify):
    certify(model(tf.atan), X, X[:, :2])
"""


@pytest.mark.outer
def test_the_plugin_fails_a_test_with_the_report(tmp_path):
    file = tmp_path / "test_mine.py"
    file.write_text(OF_A_USER, encoding="utf-8")
    plugins = ["-p", "equivalence.graph.plugin", "-p", "no:cacheprovider"]
    options = ["--equivalence-steps", "2", "--equivalence-html", "pages"]
    command = [sys.executable, "-m", "pytest", *plugins, *options, "-q", str(file)]
    path = os.pathsep.join([str(Path(equivalence.__file__).parents[1]), *sys.path])
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": path}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert "not the derivatives of the forward pass" in " ".join(done.stdout.split())
    assert len(list((tmp_path / "pages").glob("*.html"))) == 2
