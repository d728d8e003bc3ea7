"""Operations of complex numbers: kernels lie inside, small errors do not; gradients are proved."""

import numpy as np
import pytest
import tensorflow as tf

import equivalence
from equivalence.graph import kinds, pairs  # noqa: F401  (kinds fills the table of rules)
from equivalence.graph.certificate import certify_operation
from equivalence.graph.replay import Execution, attributes, execute

pytestmark = pytest.mark.tensorflow

RNG = np.random.default_rng(3)


def numbers(*shape):
    return RNG.normal(size=shape) + 1j * RNG.normal(size=shape)


def _of_both_turned(a, b):
    return tf.raw_ops.MatMul(a=a, b=b, transpose_a=True, transpose_b=True)


def _of_the_first_adjoint(a, b):
    return tf.matmul(a, b, adjoint_a=True)


def _of_the_second_adjoint(a, b):
    return tf.matmul(a, b, adjoint_b=True)


def _mixed_modes(x, weights):
    """Li and others 2021 mix channels so, for each frequency by itself."""
    return tf.einsum("bixy,xyio->boxy", x, weights)


def _summed_rows(x):
    return tf.raw_ops.Einsum(inputs=[x], equation="bij->ib")


WITH_ZEROS = numbers(3, 4) * (RNG.random((3, 4)) > 0.4)
REAL, LENGTH = RNG.normal(size=(2, 12)), np.int32([10])
CASES = (
    *((name, (numbers(2, n),)) for name in ("fft", "ifft") for n in (8, 12, 35, 64, 1)),
    *((name, (numbers(2, 4, 6),)) for name in ("fft2d", "ifft2d")),
    *(("rfft", (REAL, np.int32([n]))) for n in (10, 12, 15, 1)),
    *(("irfft", (numbers(2, 7), np.int32([n]))) for n in (10, 12, 11)),
    *((name, (numbers(2, 4, 6, 5),)) for name in ("fft3d", "ifft3d")),
    *(("rfft2d", (REAL.reshape(2, 4, 3), np.int32(n))) for n in ([4, 3], [3, 2], [6, 5])),
    *(("irfft2d", (numbers(2, 4, 3), np.int32(n))) for n in ([4, 4], [4, 5], [3, 2])),
    ("dtypes.complex", (REAL, REAL[::-1])),
    *((f"math.{name}", (numbers(3, 4),)) for name in ("abs", "angle", "reciprocal", "exp")),
    *(
        (f"math.{name}", (numbers(3, 4), WITH_ZEROS if "no" in name else numbers(2, 3, 4)))
        for name in ("divide", "divide_no_nan")
    ),
    ("matmul", (numbers(3, 4), numbers(4, 2))),
    (_of_both_turned, (numbers(4, 3), numbers(2, 4))),
    (_of_the_first_adjoint, (numbers(2, 4, 3), numbers(2, 4, 5))),
    (_of_the_second_adjoint, (numbers(2, 3, 4), numbers(2, 5, 4))),
    ("linalg.adjoint", (numbers(2, 4, 3),)),
    (_mixed_modes, (numbers(2, 3, 2, 4), numbers(2, 4, 3, 2))),
    (_summed_rows, (numbers(2, 3, 4),)),
    *(
        (f"math.{name}", (numbers(3, 4),))
        for name in ("real", "imag", "conj", "square", "negative")
    ),
    *(
        (f"math.{name}", (numbers(3, 4), numbers(2, 3, 4)))
        for name in ("multiply", "add", "subtract")
    ),
    ("math.add_n", ([numbers(3, 4) for _ in range(3)],)),
    ("reshape", (numbers(3, 4), [2, 6])),
    ("transpose", (numbers(3, 4),)),
    ("reduce_sum", (numbers(3, 4), 1)),
)


def name_of(case):
    return getattr(case[0], "__name__", case[0])


def called(name, operands, dtype):
    """Return the last Execution of a function's graph."""
    wide = {"c": f"complex{2 * int(dtype[5:])}", "f": dtype}
    tensor = lambda a: tf.constant(
        np.asarray(a).astype(wide.get(np.asarray(a).dtype.kind, np.int32))
    )
    many = [
        [tensor(a) for a in o] if isinstance(o, list) and np.ndim(o[0]) else tensor(o)
        for o in operands
    ]
    function = name
    if not callable(name):
        function = tf.signal if "fft" in name else tf
        for part in name.split("."):
            function = getattr(function, part)
    flat = tf.nest.flatten(many)
    build = lambda *flat: function(*tf.nest.pack_sequence_as(many, flat))
    graph = tf.function(build, autograph=False).get_concrete_function(*flat).graph
    values = dict(zip([x.name for x in graph.inputs], flat))
    for operation in graph.get_operations():
        if operation.type == "Const":
            values[operation.outputs[0].name] = tf.constant(
                tf.make_ndarray(operation.node_def.attr["value"].tensor)
            )
        elif operation.type not in ("Placeholder", "Identity", "NoOp"):
            inputs = [values[x.name] for x in operation.inputs]
            outputs = execute(operation, inputs)
            values.update(zip([x.name for x in operation.outputs], outputs))
            last = operation, inputs, outputs
    operation, inputs, outputs = last
    arrays = [x.numpy() for x in inputs]
    arrays = [arrays] if operation.type in ("AddN", "Einsum") else arrays
    return Execution(operation, operation, arrays, [x.numpy() for x in outputs])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_kernel_lies_inside_and_an_error_in_either_half_does_not(case, dtype):
    execution = called(*case, dtype)
    found = certify_operation(execution, attributes)
    assert not found.without and not found.outside and not found.undecided, found
    (result,) = execution.results
    for unit in (1, 1j) if np.iscomplexobj(result) else (1,):
        wrong = result.copy()
        place = tuple(n // 2 for n in wrong.shape)
        size = max(1e-5 if dtype == "float32" else 1e-12, 3 * (found.sharp_to or 0))
        wrong[place] += unit * size * (np.abs(result).max() + 1)
        again = Execution(execution.operation, None, execution.operands, [wrong])
        outside = certify_operation(again, attributes).outside
        half = () if not np.iscomplexobj(result) else (int(unit == 1j),)
        assert outside and outside.index == (*place, *half)


def test_a_transform_that_is_not_smooth_has_no_bound():
    found = certify_operation(called("fft", (numbers(2, 74),), "float32"), attributes)
    assert "which is not smooth" in found.without
    assert not certify_operation(called("fft", (numbers(2, 37),), "float32"), attributes).without


def test_a_step_through_fourier_s_transforms_is_held_and_its_gradient_proved():
    """Lee-Thorp and others 2022 mix by a transform; a spectrum and its inverse filter."""
    weights = tf.Variable(RNG.normal(size=(6, 8)).astype(np.float32))
    filtered = tf.Variable(RNG.normal(size=5).astype(np.float32))

    def step(x):
        with tf.GradientTape() as tape:
            y = x @ weights
            mixed = tf.math.real(tf.signal.fft2d(tf.cast(y, tf.complex64)))
            spectrum = tf.signal.rfft(y) * tf.complex(filtered, tf.sin(filtered))
            back = tf.signal.irfft(spectrum)
            loss = tf.reduce_mean(tf.tanh(mixed) ** 2) + tf.reduce_mean(tf.tanh(back))
        gradients = tape.gradient(loss, [weights, filtered])
        for variable, gradient in zip((weights, filtered), gradients):
            variable.assign_sub(0.1 * gradient)

    report = equivalence.certify(step, RNG.normal(size=(4, 6)).astype(np.float32), steps=1)
    assert report.verdict == "rounding-identical" and not report.without, report
    assert report.gradient.proved, report.gradient


def test_a_step_that_mixes_modes_by_complex_weights_is_held_and_its_gradient_proved():
    """Li and others 2021: a Fourier neural operator; behind it a spectrum's sizes and angles."""
    halves = [tf.Variable(RNG.normal(size=(3, 3, 2, 2)).astype(np.float32)) for _ in range(2)]

    def step(x):
        with tf.GradientTape() as tape:
            modes = tf.signal.rfft2d(tf.transpose(x, [0, 3, 1, 2]))[:, :, :3, :3]
            mixed = tf.einsum("bixy,xyio->boxy", modes, tf.complex(*halves))
            mixed = tf.pad(mixed, [[0, 0], [0, 0], [0, 3], [0, 1]])
            y = tf.nn.gelu(tf.signal.irfft2d(mixed, [6, 6]))
            spectrum = tf.signal.stft(y[:, 0], 4, 2, pad_end=True)
            products = tf.matmul(spectrum, spectrum, adjoint_b=True)
            loss = tf.reduce_mean(tf.math.log(tf.abs(spectrum) + 1e-3))
            loss += tf.reduce_mean(tf.math.angle(mixed[..., :2, :2])) + tf.reduce_mean(y**2)
            loss += tf.reduce_mean(tf.math.real(1 / (products + 40)))
        for variable, gradient in zip(halves, tape.gradient(loss, halves)):
            variable.assign_sub(0.1 * gradient)

    report = equivalence.certify(step, RNG.normal(size=(2, 6, 6, 2)).astype(np.float32), steps=1)
    assert report.verdict == "rounding-identical" and not report.without, report
    assert report.gradient.proved, report.gradient
