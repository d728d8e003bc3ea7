"""Half precision: kernels, whole steps, what is lost, and defects that must be found."""

import inspect
from contextlib import contextmanager

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.half_precision import needs_matmuls_in
from helpers.turns import thinned

import equivalence
from equivalence.arithmetic.precisions import HALVES, POLICIES, precision_of
from equivalence.arithmetic.rounding import Model
from equivalence.errors import BadInput
from equivalence.graph import halves, kinds, replay  # noqa: F401  (kinds fills the table)
from equivalence.graph.certificate import certify_operation
from equivalence.graph.lost import find_lost
from equivalence.graph.remarks import _rounded_away
from equivalence.graph.replay import Execution, attributes, execute
from equivalence.judge.verdict import DIFFERENT, ROUNDING_IDENTICAL
from equivalence.machine import keras_settings
from equivalence.machine.keras_settings import under
from equivalence.measure.halves import FUNCTIONS, numbers
from equivalence.plants.ordinary import MODELS

pytestmark = pytest.mark.tensorflow

RNG = np.random.default_rng(11)
PURE, MIXED = HALVES, tuple(f"mixed_{name}" for name in HALVES)


def certify(name, policy, steps=1, **options):
    """Certify a small model that is built under a policy."""
    with under(policy):
        keras.utils.set_random_seed(7)
        model, x, y = MODELS[name](keras, keras.layers, np.random.default_rng(7))
        return equivalence.certify(
            model, x, y, steps=steps, batch_size=4, engine="eager", **options
        )


def run(kind, *operands, **options):
    """Return the Execution of one operation by TensorFlow's kernel."""
    names = [n for n in inspect.signature(getattr(tf.raw_ops, kind)).parameters if n != "name"]
    given = [tf.constant(operand) for operand in operands]

    def call(*given):
        return getattr(tf.raw_ops, kind)(**dict(zip(names, given)), **options)

    graph = tf.function(call, autograph=False).get_concrete_function(*given).graph
    operation = next(op for op in graph.get_operations() if op.type == kind)
    results = [result.numpy() for result in execute(operation, given)]
    return Execution(operation, operation, [g.numpy() for g in given], results)


# ------------------------------------------------------------------------ the formats


@pytest.mark.parametrize("name", HALVES)
def test_a_row_has_the_format_of_its_precision(name):
    row, one = precision_of(name), precision_of(name).dtype.type(1)
    assert float(one) + 2 * row.unit == float(np.nextafter(one, row.dtype.type(2)))
    assert float(np.nextafter(row.dtype.type(0), one)) == row.smallest
    assert not np.isfinite(np.nextafter(row.dtype.type(row.largest), row.dtype.type(np.inf)))


@pytest.mark.parametrize("name", HALVES)
def test_numbers_are_rounded_once_to_the_even_one_of_two(name):
    row = precision_of(name)
    every = np.sort(numbers(name).astype(np.float64))
    assert np.array_equal(halves.nearest(every, row), every)
    middle = (every[1:] + every[:-1]) / 2
    just = np.nextafter(middle, np.inf), np.nextafter(middle, -np.inf)
    assert np.array_equal(halves.nearest(just[0], row)[middle != 0], every[1:][middle != 0])
    assert np.array_equal(halves.nearest(just[1], row)[middle != 0], every[:-1][middle != 0])
    even = halves.nearest(middle, row).astype(row.dtype).view(np.uint16) % 2
    assert not even.any()
    beyond = row.largest * (1 + row.unit)
    assert halves.nearest(np.array([beyond, -2 * row.largest]), row).tolist() == [np.inf, -np.inf]


def test_a_policy_says_what_is_kept_and_what_is_computed():
    for name in (*PURE, *MIXED):
        policy = keras.DTypePolicy(name)
        row = POLICIES[name]
        assert (policy.variable_dtype, policy.compute_dtype) == (row.variables, row.computes)


# ------------------------------------------------------------------------- kernels


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_of_every_number_lies_inside(name, dtype):
    kind, _, defined = FUNCTIONS[name]
    x = numbers(dtype)
    found = certify_operation(run(kind, x[defined(x.astype(np.float64))]), attributes)
    assert not found.without and not found.outside, found


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("kind", ["AddV2", "Sub", "Mul", "RealDiv", "Pow"])
def test_what_rounds_once_leaves_hardly_a_choice(kind, dtype):
    """Most results are one float: the neighbouring one lies outside."""
    half = precision_of(dtype).dtype
    execution = run(
        kind, np.abs(RNG.normal(size=(2, 2000))).astype(half)[0], RNG.normal(size=2000).astype(half)
    )
    assert not certify_operation(execution, attributes).outside
    wrong = np.nextafter(execution.results[0], half.type(np.inf))
    moved = Execution(execution.operation, execution.place, execution.operands, [wrong])
    assert certify_operation(moved, attributes).outside


@pytest.mark.parametrize("dtype", HALVES)
def test_a_product_of_matrices_is_rounded_or_cut_off_once(dtype):
    """Which of both hangs on the processor; the float beside it lies outside, but for a few."""
    needs_matmuls_in(dtype)
    half = precision_of(dtype).dtype
    a, b = (np.abs(RNG.normal(size=(30, 30))).astype(half) for _ in range(2))
    execution = run("MatMul", a, b)
    assert not certify_operation(execution, attributes).outside
    (value,) = execution.results
    for towards in (0, np.inf):
        moved = np.nextafter(value, half.type(towards))
        wrong = Execution(execution.operation, execution.place, execution.operands, [moved])
        assert certify_operation(wrong, attributes).outside


@pytest.mark.parametrize("name", HALVES)
def test_numbers_are_cut_off_towards_0(name):
    row = precision_of(name)
    every = np.sort(numbers(name).astype(np.float64))
    assert np.array_equal(halves.cut_off(every, row), every)
    between = (every[1:] + every[:-1]) / 2
    nearer = np.where(between > 0, every[:-1], every[1:])
    assert np.array_equal(halves.cut_off(between, row)[between != 0], nearer[between != 0])


@pytest.mark.parametrize("dtype", HALVES)
def test_a_sum_in_half_precision_is_held_however_long(dtype):
    numbers_ = np.abs(RNG.normal(size=(4, 3000))).astype(precision_of(dtype).dtype)
    for axis in (0, 1):
        execution = run("Sum", numbers_, np.int32([axis]), keep_dims=False)
        found = certify_operation(execution, attributes)
        assert not found.outside and not found.undecided, found


def test_the_bound_of_a_sum_does_not_end_where_n_u_is_1():
    model = Model("bfloat16")
    bounds = model.gamma_of_sum(np.arange(1, 2000))
    assert np.isfinite(bounds).all() and bounds[-1] == 1999 * 2.0**-8


# ---------------------------------------------------------------------- whole steps


STEPS = [(name, policy) for name in ("dense", "cnn") for policy in (*MIXED, *PURE)]


@pytest.mark.parametrize(
    ("name", "policy"),
    thinned(6, [*STEPS, ("transformer", "mixed_bfloat16"), ("transformer", "float16")], row=2),
)
def test_a_step_in_half_precision_is_certified_every_operation(name, policy):
    needs_matmuls_in(policy)
    report = certify(name, policy)
    assert report.complete, report.without
    assert report.verdict == ROUNDING_IDENTICAL, (report.first, report.gradient)


def test_a_gradient_that_overflows_is_left_out_by_the_loss_scale_and_nothing_is_wrong():
    with under("mixed_float16"):
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
        model.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(), 2.0**24), "mse")
    x, y = RNG.normal(size=(4, 3)), 100 * RNG.normal(size=(4, 2))
    report = equivalence.certify(model, x, y, steps=1, engine="eager")
    assert report.first is None and report.complete
    words = " ".join(str(report).split())
    assert report.arose in words and "nothing decides: step 0" in words
    assert "Keras leaves the step out and halves the scale" in words


# ------------------------------------------------------------------------ what is lost


def test_adam_in_bfloat16_moves_no_weight_near_1():
    """0.999 is 1 in bfloat16, and an update of 1e-3 below half the spacing of 1."""
    needs_matmuls_in("bfloat16")
    with under("bfloat16"):
        ones = keras.initializers.Constant(1.0)
        model = keras.Sequential(
            [keras.Input((3,)), keras.layers.Dense(2, kernel_initializer=ones)]
        )
        model.compile(keras.optimizers.Adam(1e-3), "mse")
        report = equivalence.certify(
            model, RNG.normal(size=(4, 3)), RNG.normal(size=(4, 2)), steps=1, engine="eager"
        )
    assert report.verdict == ROUNDING_IDENTICAL, report.first
    lost = {each.kind: each.loses for each in report.lossy}
    assert "rounds to 1" in lost["Pow"]


def test_what_leaves_the_range_of_float16_is_said_at_its_cast():
    beyond = run("Cast", np.float32([7e4, -1e5, 1.0]), DstT=tf.float16)
    lost, words = find_lost(beyond)
    assert lost == 2 and "65504" in words
    lost, words = find_lost(run("Cast", np.float32([1e-9, 0.0, 1.0]), DstT=tf.float16))
    assert lost == 1 and "scale the loss" in words
    assert find_lost(run("Cast", np.float32([1e-9, 6e4]), DstT=tf.bfloat16)) == (0, "")


def test_hyperparameters_that_a_half_precision_rounds_away_are_said():
    told = lambda dtype, **options: list(
        _rounded_away(keras.optimizers.Adam(**options), precision_of(dtype))
    )
    assert [words.partition(",")[0] for words in told("float16")] == ["epsilon 1e-07 is 1.19e-07"]
    (gone,) = told("float16", epsilon=1e-8)
    assert gone.startswith("epsilon 1e-08 is 0")
    assert told("bfloat16") == ["beta_2 0.999 is 1 (bfloat16)"]


# ----------------------------------------------------------------------- what it notices


@contextmanager
def planted_kernel(kind, number, change):
    """Within, one operation's kernel returns what ``change`` makes of operands and results."""
    plain, seen = replay.execute, []

    def planted(operation, inputs):
        outputs = plain(operation, inputs)
        if operation.type == kind and outputs and outputs[0].dtype.name in HALVES:
            seen.append(operation)
            if len(seen) - 1 == number:
                arrays = [tensor.numpy() for tensor in inputs]
                return [tf.constant(change(operation, arrays, outputs[0].numpy()))]
        return outputs

    replay.execute = planted
    try:
        yield seen
    finally:
        replay.execute = plain


def accumulated_in_half(operation, operands, result):
    """A product of matrices whose sums are rounded term by term."""
    a, b = operands
    a = a.T if operation.get_attr("transpose_a") else a
    b = b.T if operation.get_attr("transpose_b") else b
    total = np.zeros_like(result)
    for k in range(a.shape[1]):
        total = (total + a[:, k : k + 1] * b[k]).astype(result.dtype)
    return total


def cast_too_early(operation, operands, result):
    """Operands in bfloat16 where they are meant to be in float16."""
    early = [operand.astype(precision_of("bfloat16").dtype) for operand in operands]
    return np.add(*(np.asarray(each, np.float64) for each in early)).astype(result.dtype)


@pytest.mark.parametrize(
    ("kind", "change", "layer"),
    [("MatMul", accumulated_in_half, "dense"), ("BiasAdd", cast_too_early, "dense")],
)
def test_rounding_too_early_is_found_at_its_operation_and_layer(kind, change, layer):
    with planted_kernel(kind, 0, change) as seen:
        report = certify("dense", "mixed_float16")
    assert report.verdict == DIFFERENT
    assert (report.first.kind, report.first.operation) == (kind, seen[0].name)
    assert report.first.layer.startswith(layer)


# ---------------------------------------------------------------------------- policies


@pytest.mark.parametrize("policy", [*PURE, *MIXED])
def test_a_policy_that_no_pair_has_is_refused_in_a_sentence(policy):
    with under(policy), pytest.raises(BadInput, match=policy), keras_settings.as_runs_have_it():
        pass


def test_a_floatx_of_half_precision_in_their_keras_json_is_refused(tmp_path, monkeypatch):
    (tmp_path / "keras.json").write_text('{"floatx": "bfloat16"}')
    monkeypatch.setattr(keras_settings, "_file", tmp_path / "keras.json")
    with pytest.raises(BadInput, match=r"floatx of .*bfloat16"):
        keras_settings.refuse_their_policy()
    assert keras_settings.their_floatx() == "bfloat16"
