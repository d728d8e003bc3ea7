"""Would a certificate notice?  Defects planted in kernels, and in the gradients of operations.

A kernel that returns a wrong number is found at its operation and layer, whatever the number is
used for later.  A gradient that is another formula consists of honest operations, and is found
because it is not the derivative of the forward pass.
"""

from contextlib import contextmanager
from functools import cache

import numpy as np
import pytest
from helpers.small_models import build

import equivalence
from equivalence.graph import kinds, replay, step  # noqa: F401  (kinds fills the table)
from equivalence.graph.derivative import prove
from equivalence.graph.trace import trace
from equivalence.judge.verdict import DIFFERENT

pytestmark = pytest.mark.tensorflow


@cache
def model_of(name):
    return build(name)


def certify(name):
    model, x, y = model_of(name)
    return equivalence.certify(model, x, y, steps=1, batch_size=4, engine="eager")


def gradient(name):
    """Return what is known of the gradients of a model's step."""
    model, x, y = model_of(name)
    batch = step.Batches((x, y), 4, "float32")[0]
    traced = trace(step.of_model(model, batch), batch)
    values = {id(variable): variable.numpy() for variable in traced.variables.values()}
    return prove(traced, batch, values)


# ------------------------------------------------------------------------- kernels


def factor(results, operands):
    """Every number is too large by 1e-5 of itself."""
    return [results[0] * np.float32(1 + 1e-5), *results[1:]]


def one_element(results, operands):
    """The largest number alone is too large by 1e-4 of itself."""
    wrong = np.array(results[0])
    index = np.unravel_index(np.argmax(np.abs(wrong)), wrong.shape)
    wrong[index] *= np.float32(1 + 1e-4)
    return [wrong, *results[1:]]


def a_term_less(results, operands):
    """One of several addends is forgotten."""
    return [results[0] - operands[-1]]


def transposed(results, operands):
    return [results[0].T.copy().reshape(results[0].shape)]


def shifted(results, operands):
    return [np.roll(results[0], 1, axis=-1)]


def half_an_ulp(results, operands):
    """The neighbouring float, for every number."""
    return [np.nextafter(np.nextafter(results[0], np.float32(9)), np.float32(9))]


def as_half(results, operands):
    """Computed in half precision."""
    return [results[0].astype(np.float16).astype(np.float32)]


def zeros(results, operands):
    return [np.zeros_like(results[0])]


def not_masked(results, operands):
    """What flows back goes through a unit that is off."""
    return [operands[0]]


# model, kind, which of them in the step's order, the layer it is of, the change.
KERNELS = [
    ("dense", "MatMul", 0, "dense", factor),
    ("dense", "MatMul", -1, "dense", transposed),
    ("dense", "TanhGrad", 0, "dense", factor),
    ("dense", "ReluGrad", 0, "dense_1", not_masked),
    ("dense", "BiasAdd", 1, "dense_1", half_an_ulp),
    ("dense", "AssignAddVariableOp", 2, "SGD", factor),
    ("cnn", "Conv2D", 0, "conv2d", one_element),
    ("cnn", "Conv2D", 1, "conv2d_1", as_half),
    ("cnn", "Conv2DBackpropFilter", 0, "conv2d_1", one_element),
    ("cnn", "Conv2DBackpropInput", 0, "conv2d_1", shifted),
    ("cnn", "MaxPool", 0, "max_pooling2d", one_element),
    ("cnn", "MaxPoolGrad", 0, "max_pooling2d", shifted),
    ("cnn", "Rsqrt", 0, "batch_normalization", factor),
    ("cnn", "AddN", 0, "batch_normalization", a_term_less),
    ("cnn", "Sqrt", 0, "adam", factor),
    ("cnn", "StatelessRandomUniformV2", 0, "dropout", shifted),
    ("transformer", "Softmax", 0, "multi_head_attention", factor),
    ("transformer", "Erfc", 0, "dense", factor),
    ("transformer", "GatherV2", 0, "embedding", shifted),
    ("transformer", "UnsortedSegmentSum", 0, "adam_w", shifted),
    ("depthwise", "DepthwiseConv2dNative", 0, "depthwise_conv2d", factor),
    ("depthwise", "AvgPoolGrad", 0, "average_pooling2d", factor),
    ("recurrent", "SigmoidGrad", 3, "gru", factor),
    ("recurrent", "TensorListGetItem", 2, "lstm", zeros),
]


@contextmanager
def planted_kernel(kind, number, change):
    """Within, the kernel of one operation of the step returns what ``change`` makes of it."""
    import tensorflow as tf

    plain, seen = replay.execute, []

    def execute(operation, inputs):
        outputs = plain(operation, inputs)
        if operation.type == kind:
            seen.append(operation)
        if operation.type != kind or len(seen) - 1 != number:
            return outputs
        if kind in replay.WRITES:
            value = replay._value_of(inputs[0])
            tf.raw_ops.AssignVariableOp(
                resource=inputs[0], value=tf.constant(change([value], [])[0])
            )
            return outputs
        operands = [replay._array(tensor) for tensor in inputs]
        wrong = change([t.numpy() for t in outputs], operands)
        return [tf.constant(w) for w in wrong]

    replay.execute = execute
    try:
        yield seen
    finally:
        replay.execute = plain


@pytest.mark.parametrize(
    ("name", "kind", "number", "layer", "change"),
    KERNELS,
    ids=[f"{n}-{k}-{c.__name__}" for n, k, _, _, c in KERNELS],
)
def test_a_wrong_kernel_is_found_at_its_operation_and_layer(name, kind, number, layer, change):
    if number < 0:
        with planted_kernel(kind, None, change) as seen:
            certify(name)
        number += len(seen)
    with planted_kernel(kind, number, change) as seen:
        report = certify(name)
    assert report.verdict == DIFFERENT
    assert report.first.kind == kind
    assert report.first.operation.endswith(seen[number].name)
    assert report.first.layer.lower().startswith(layer.lower())
    assert f"{report.first.kind} {report.first.operation}" in str(report.first)
    wrong = [operation.kind for operation in report.operations if operation.outside]
    assert wrong == [kind], "nothing is inherited"


# ----------------------------------------------------------------------- gradients


def scaled(which, by=1 + 1e-5):
    """A gradient of one operand is too large, by 1e-5 of itself or as said."""

    def change(gradients, operation, *flows):
        return [_times(g, by) if k == which else g for k, g in enumerate(gradients)]

    return change


def _times(gradient, by):
    import tensorflow as tf

    if isinstance(gradient, tf.IndexedSlices):
        return tf.IndexedSlices(gradient.values * by, gradient.indices, gradient.dense_shape)
    return None if gradient is None else gradient * by


def passed_on(gradients, operation, *flows):
    """What flows back is handed on as it is."""
    return [flows[0], *gradients[1:]]


def forgotten(which):
    """A term is missing: no gradient for one operand."""

    def change(gradients, operation, *flows):
        return [g * 0 if k == which else g for k, g in enumerate(gradients)]

    return change


def of_the_first_sample(gradients, operation, *flows):
    """A bias is told by the first sample alone."""
    import tensorflow as tf

    return [gradients[0], tf.reduce_sum(flows[0][:1], axis=range(len(flows[0].shape) - 1))]


def turned(gradients, operation, *flows):
    """The kernel's gradient upside down."""
    import tensorflow as tf

    return [gradients[0], tf.reverse(gradients[1], [0])]


# model, kind, change, the layer behind which all gradients are right.
GRADIENTS = [
    ("dense", "Tanh", scaled(0), "dense"),
    ("dense", "Relu", passed_on, "dense_1"),
    ("dense", "MatMul", scaled(1), "dense_2"),
    ("dense", "MatMul", scaled(0), "dense_1"),
    ("dense", "BiasAdd", of_the_first_sample, "dense_2"),
    ("cnn", "Conv2D", turned, "conv2d_1"),
    ("cnn", "Conv2D", scaled(0), "batch_normalization"),
    ("cnn", "MaxPool", scaled(0, 1 + 1e-4), "batch_normalization"),
    ("cnn", "Rsqrt", scaled(0), "conv2d"),
    ("transformer", "Softmax", scaled(0), "key"),
    ("transformer", "Erfc", scaled(0, -1), "dense"),
    ("transformer", "GatherV2", scaled(0), "embedding"),
    ("recurrent", "Tanh", scaled(0), "gru"),
    ("recurrent", "Sigmoid", forgotten(0), "gru"),
    ("two_inputs", "Elu", scaled(0), "dense_1"),
    ("own_step", "Softplus", scaled(0), "dense"),
]


@contextmanager
def planted_gradient(kind, change):
    """Within, TensorFlow's registered gradient of a kind is what ``change`` makes of it."""
    from tensorflow.python.framework import ops

    row = ops.gradient_registry._registry[kind]
    plain = row["type"]

    def wrong(operation, *flows):
        gradients = plain(operation, *flows)
        several = isinstance(gradients, (list, tuple))
        found = change(list(gradients) if several else [gradients], operation, *flows)
        return found if several else found[0]

    row["type"] = wrong
    try:
        yield
    finally:
        row["type"] = plain


@pytest.mark.parametrize(
    ("name", "kind", "change", "layer"),
    GRADIENTS,
    ids=[f"{n}-{k}-{number}" for number, (n, k, *_) in enumerate(GRADIENTS)],
)
def test_a_gradient_that_is_no_derivative_is_found_and_located(name, kind, change, layer):
    with planted_gradient(kind, change):
        found = gradient(name)
    assert found.wrong
    assert found.layer.startswith(layer), found


def test_a_step_whose_gradient_is_no_derivative_is_different():
    name, kind, change, layer = GRADIENTS[0]
    with planted_gradient(kind, change):
        report = certify(name)
    assert report.verdict == DIFFERENT and report.first is None
    assert "are not the derivatives" in " ".join(str(report).split())


@pytest.mark.parametrize("name", ["dense", "cnn", "transformer", "recurrent", "own_step"])
def test_the_gradients_that_tensorflow_makes_are_derivatives(name):
    found = gradient(name)
    assert found.proved, found
    assert found.variables == len(model_of(name)[0].trainable_variables)
    assert found.apart < 2**-24  # a float32 constant's rounding, as GELU's
