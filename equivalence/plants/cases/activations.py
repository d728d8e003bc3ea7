"""The table of activations that are tried, and how every engine is asked.

A case builds the same activation from ``refimpl`` and from ``tfimpl``.  One TensorFlow
function an engine and a dtype computes every case, by the tape twin and by Keras's own
function, so that there is one compilation for all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from equivalence import trees
from equivalence.arithmetic.enclosed import enclose
from equivalence.judge.certificate import rounding_model, usage

ENGINES = ("eager", "graph", "xla")
TWINS = ("tape", "keras")
PARTS = ("value", "derivative")
REFERENCE = trees.reference()
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
    _case("GeneralReLU", 1.0, 2.0, 0.5, kinks=(0.5, 2.0)),
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
    twin = case.build(trees.tensorflow())

    def answer(x, yb):
        y = twin.forward(x)
        return y, twin.backward(yb, x, y)

    return answer


def of_keras(case):
    """Return (x, yb) -> (y, xb) by Keras's own function under a tape."""
    import keras
    import tensorflow as tf

    function = keras.activations.get(case.build(trees.tensorflow()).keras())

    def answer(x, yb):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return y, tape.gradient(y, x, output_gradients=yb)

    return answer


BY_TWIN = {"tape": of_tape, "keras": of_keras}


def compiled(engine, function):
    """Return a function of tensors as an engine runs it."""
    import tensorflow as tf

    if engine == "eager":
        return function
    return tf.function(function, autograph=False, jit_compile=engine == "xla")


def ask(engine, answers, xs, ybs):
    """Return what each of ``answers`` gives at its x and yb, as arrays, in one call."""
    import tensorflow as tf

    def everything(xs, ybs):
        return [answer(x, yb) for answer, x, yb in zip(answers, xs, ybs)]

    with tf.device("/CPU:0"):
        xs, ybs = ([tf.constant(a) for a in arrays] for arrays in (xs, ybs))
        found = compiled(engine, everything)(xs, ybs)
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


def is_outside(value, same, ball, near=0.0):
    """Say elementwise what lies outside its ball.

    same: what NumPy computes.  A ball without a bound, where a comparison is undecided or
    something overflows, says nothing; there the value must be NumPy's, infinite or not, or
    be nearer to it than ``near`` of itself.
    """
    unbounded = np.isinf(np.broadcast_to(ball.rad, np.shape(value)))
    with np.errstate(invalid="ignore"):
        agrees = (value == same) | (np.abs(value - same) <= near * np.abs(same))
    agrees = agrees | (np.isnan(value) & np.isnan(same))
    return np.where(unbounded, ~agrees, ~(usage(value, ball) <= 1))


def first_outside(parts, values, expected, balls, ignored=None, near=0.0):
    """Return what lies outside its ball: (part, index, value, ball) of the first of each part.

    parts: the names of the values; expected: NumPy's, see ``is_outside``.
    ignored: elements that are not looked at, of values of their shape.
    """
    found = []
    for part, value, ball, same in zip(parts, values, balls, expected):
        value = np.asarray(value)
        if value.shape != np.shape(same):
            found += [(part, (), f"the shape {value.shape}", f"the shape {np.shape(same)}", 0.0)]
            continue
        bad = is_outside(value, same, ball, near)
        if ignored is not None and bad.shape == ignored.shape:
            bad = bad & ~ignored
        found += [
            (part, index, value[index], ball.mid[index], ball.rad[index])
            for index in map(tuple, np.argwhere(bad)[:1])
        ]
    return found
