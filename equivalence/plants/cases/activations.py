"""The table of activations that the tests run over, and how every engine is asked.

A case builds the same activation from ``refimpl`` and from ``tfimpl``.  One TensorFlow
function an engine and a dtype computes every case, by the tape twin and by Keras's own
function, so that there is one compilation for all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import keras
import numpy as np
import tensorflow as tf

from equivalence import trees
from equivalence.arithmetic.enclosed import enclose
from equivalence.judge.certificate import rounding_model

DTYPES = ("float32", "float64")
ENGINES = ("eager", "graph", "xla")
TWINS = ("tape", "keras")
REFERENCE, TENSORFLOW = trees.reference(), trees.tensorflow()
WIDTH = 6  # values in a row, over which a softmax runs


@dataclass(frozen=True)
class Case:
    """One activation.

    build: of a namespace, the activation of that side.
    kinks: where its derivative jumps or bends; inputs hold them and their neighbours.
    rough: where not every operation is one of IEEE 754's: no bits are claimed.
    """

    name: str
    build: Callable
    kinks: tuple = (0.0,)
    rough: bool = False


def _case(name, *settings, kinks=(0.0,), rough=False):
    label = f"{name}{settings}" if settings else name
    return Case(label, lambda m: getattr(m, name)(*settings), kinks, rough)


CASES = (
    _case("Linear"),
    _case("ReLU"),
    _case("ReLU6", kinks=(0.0, 6.0)),
    _case("LeakyReLU"),
    _case("LeakyReLU", 0.3),
    _case("GeneralReLU", 0.0, 2.0, 0.0, kinks=(0.0, 2.0)),
    _case("GeneralReLU", 0.0, 6.0, 0.0, kinks=(0.0, 6.0)),
    _case("GeneralReLU", 0.25, None, 0.0),
    _case("GeneralReLU", 0.25, 3.0, 0.0, kinks=(0.0, 3.0)),
    _case("GeneralReLU", 0.0, None, 0.5, kinks=(0.5,)),
    _case("GeneralReLU", 0.25, 3.0, 0.5, kinks=(0.5, 3.0)),
    _case("GeneralReLU", 0.1, 0.9, 0.3, kinks=(0.0,)),
    _case("HardTanh", kinks=(-1.0, 1.0)),
    _case("HardSigmoid", kinks=(-3.0, 3.0)),
    _case("HardSiLU", kinks=(-3.0, 3.0)),
    _case("HardShrink", kinks=(-0.5, 0.5)),
    _case("SoftShrink", kinks=(-0.5, 0.5)),
    _case("Threshold", 0.5, 0.25, kinks=(0.5,)),
    _case("Softsign"),
    _case("Squareplus"),
    _case("Squareplus", 2),
    _case("SparsePlus", kinks=(-1.0, 1.0), rough=True),
    _case("SparseSigmoid", kinks=(-1.0, 1.0)),
    _case("Sparsemax", rough=True),
    _case("BinaryStep"),
    _case("Sigmoid", rough=True),
    _case("Tanh", rough=True),
    _case("TanhShrink", rough=True),
    _case("Exponential", rough=True),
    _case("ELU", rough=True),
    _case("ELU", 0.5, rough=True),
    _case("SELU", rough=True),
    _case("CELU", rough=True),
    _case("CELU", 0.5, rough=True),
    _case("Softplus", rough=True),
    _case("LogSigmoid", rough=True),
    _case("Mish", rough=True),
    _case("SiLU", rough=True),
    _case("GELU", rough=True),
    _case("GELUTanh", rough=True),
    _case("GLU", rough=True),
    _case("Gaussian", rough=True),
    _case("Softmax", rough=True),
    _case("LogSoftmax", rough=True),
)
BY_NAME = {case.name: case for case in CASES}
COMMON = (0.0, -0.0, 1e-30, -1e-30, 1e-8, -1e-8, 1e-4, -1e-4)
LARGE = (10.0, -10.0, 20.0, -20.0, 50.0, -50.0, 100.0, -100.0, 1e4, -1e4, 1e15, -1e15)
LARGEST_POWER = 80.0  # beyond it exp overflows in float32


def inputs(case, dtype):
    """Return x of the shape (rows, WIDTH): kinks, neighbours, tiny, large and random numbers."""
    rng = np.random.default_rng(7)
    kinks = np.array(case.kinks, dtype)
    large = [v for v in LARGE if case.name not in ("Exponential",) or abs(v) < LARGEST_POWER]
    points = [
        *kinks,
        *np.nextafter(kinks[kinks != 0], dtype_of(dtype)(np.inf)),
        *np.nextafter(kinks[kinks != 0], dtype_of(dtype)(-np.inf)),
        *COMMON,
        *large,
    ]
    rows = -(-len(points) // WIDTH)
    special = np.resize(np.array(points, dtype), (rows, WIDTH))
    normal = rng.normal(size=(20, WIDTH))
    spread = rng.normal(size=(10, WIDTH)) * 10.0 ** rng.uniform(-6, 1, (10, WIDTH))
    return np.concatenate([special, normal, 3 * normal, spread]).astype(dtype)


def dtype_of(name):
    return np.dtype(name).type


def cotangents(case, dtype):
    """Return yb for the outputs of the case: random, of both signs."""
    x = inputs(case, dtype)
    y = case.build(REFERENCE).forward(x)
    return np.random.default_rng(8).normal(size=y.shape).astype(dtype)


# ------------------------------------------------------------------------ the engines


def of_tape(case):
    """Return (x, yb) -> (y, xb) by the twin."""
    twin = case.build(TENSORFLOW)

    def answer(x, yb):
        y = twin.forward(x)
        return y, twin.backward(yb, x, y)

    return answer


def of_keras(case):
    """Return (x, yb) -> (y, xb) by Keras's own function under a tape."""
    function = keras.activations.get(case.build(TENSORFLOW).keras())

    def answer(x, yb):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return y, tape.gradient(y, x, output_gradients=yb)

    return answer


BY_TWIN = {"tape": of_tape, "keras": of_keras}
COMPILE = {
    "eager": lambda function: function,
    "graph": lambda function: tf.function(function, autograph=False),
    "xla": lambda function: tf.function(function, autograph=False, jit_compile=True),
}


def ask(engine, answers, xs, ybs):
    """Return what each of ``answers`` gives at its x and yb, as arrays, in one call."""

    def everything(xs, ybs):
        return [answer(x, yb) for answer, x, yb in zip(answers, xs, ybs)]

    with tf.device("/CPU:0"):
        xs, ybs = ([tf.constant(a) for a in arrays] for arrays in (xs, ybs))
        found = COMPILE[engine](everything)(xs, ybs)
    return [(y.numpy(), xb.numpy()) for y, xb in found]


@cache
def tensorflow(engine, dtype):
    """Return {(case name, twin): (y, xb)} of every case."""
    keys = [(case, twin) for case in CASES for twin in TWINS]
    found = ask(
        engine,
        [BY_TWIN[twin](case) for case, twin in keys],
        [inputs(case, dtype) for case, _ in keys],
        [cotangents(case, dtype) for case, _ in keys],
    )
    return {(case.name, twin): pair for (case, twin), pair in zip(keys, found)}


def reference(case, dtype, activation=None):
    """Return (y, xb) of the reference, or of ``activation`` in its place."""
    activation = activation or case.build(REFERENCE)
    x, yb = inputs(case, dtype), cotangents(case, dtype)
    with np.errstate(all="ignore"):
        y = activation.forward(x)
        return y, activation.backward(yb, x, y)


def balls(case, dtype, engine, activation=None):
    """Return (y, xb) as rounding balls, of the reference or ``activation`` in its place."""
    model = rounding_model(dtype, engine)
    activation = enclose(activation or case.build(REFERENCE))
    x, yb = model.array(inputs(case, dtype)), model.array(cotangents(case, dtype))
    with np.errstate(all="ignore"):
        y = activation.forward(x)
        return y, activation.backward(yb, x, y)
