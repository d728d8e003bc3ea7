"""Programs of the books that no pair runs, each on both sides.

A program gives what the book prints: {(epoch, tensor): numbers}.  Where a library sums in an
order of its own, so that a last digit is the machine's, it gives the ball of all honest
evaluations as well, and a printed figure has to lie in it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise
from operator import add
from typing import Any

import numpy as np

from equivalence import trees
from equivalence.book.columns import COLUMNS
from equivalence.book.figures import FIGURES
from equivalence.judge.certificate import rounding_model
from equivalence.pairs.models import digits, neurons
from equivalence.pairs.table import PAIRS
from equivalence.steps import numpy as numpy_runner
from equivalence.steps.program import program

SIDES = ("numpy", "tensorflow")


@dataclass(frozen=True)
class Ball:
    """A side's numbers, and the balls of all honest evaluations."""

    value: Any
    mid: np.ndarray
    rad: np.ndarray


@dataclass(frozen=True)
class BookProgram:
    """``run`` takes a side; dtype: what the book's program computes in; note: from where."""

    run: Callable
    dtype: str
    note: str = ""


def _of(side, numpy, tensorflow):
    """Return one of two functions, by the side."""
    return numpy if side == "numpy" else tensorflow()


def _array(side, dtype):
    """Return what makes a side's arrays of this dtype."""

    def tensorflow():
        import tensorflow as tf

        return lambda x: tf.constant(x, dtype)

    return _of(side, lambda x: np.asarray(x, dtype), tensorflow)


def runner(pair, reference, side):
    """Return run(program, start, steps) of a side; TensorFlow's is Keras where it can be."""
    if side == "numpy":
        return numpy_runner.run
    from equivalence.engines import build

    twin = "keras" if pair.keras else "tape"
    return build.runner(pair, reference, twin, "graph").run


def _tree(side):
    return trees.reference() if side == "numpy" else trees.tensorflow()


# ------------------------------------------------------------------------------ text 000


def _parabola(side):
    """The data of 1-7 and 1-13."""
    x = _array(side, "float64")(np.arange(-5, 5, 0.1))
    y = np.asarray(2 * x * x + 3 * x + 5)
    return {(k, "y"): number for k, number in enumerate(y)}


def _worked_step(start, gradient, rate):
    """A step of descent (1-8)."""

    def run(side):
        array = _array(side, "float64")
        value, _ = _tree(side).SGD(rate).update(array(start), array(gradient), (), 1, rate)
        return {(0, "p"): np.asarray(value)}

    return run


# ------------------------------------------------------------------------------ text 001


def _parabola_by_hand(side):
    """E = (p + 2)^2 / 2 at four places, and how far it falls between two and two of them."""
    array, point = _array(side, "float64"), _tree(side).Point()
    E = lambda p: float(point.propagate((array([[p]]),), array([[1.0]]), array([[-2.0]])).error)
    at = {"at_0": E(0.0), "at_minus_1": E(-1.0), "at_minus_5": E(-5.0), "at_minus_4": E(-4.0)}
    falls = {
        "down_right": at["at_minus_1"] - at["at_0"],
        "down_left": at["at_minus_4"] - at["at_minus_5"],
    }
    return {(0, name): value for name, value in {**at, **falls}.items()}


# ------------------------------------------------------------------------------ text 002


def _sigmoid(z):
    """3.10, in Python's floats."""
    return 1 / (1 + math.exp(-z))


def _learn(side, samples, w, b, epochs):
    """Yield (sum of errors, last output, w, b) of each epoch of 3.12 to 3.23.

    Weights are float32 and so is a neuron's sum; what is added to a weight is computed in
    Python's floats and then rounded.  b is None where there is no bias.
    """
    array = _array(side, "float32")
    w, b = array(w), None if b is None else array(b)
    for _ in range(epochs):
        errors = 0
        for x, y in samples:
            output = _sigmoid(_sum(side, array(x), w, b))
            error = y - output
            w = w + array(np.asarray(x) * 0.1 * error)
            b = None if b is None else b + array(1 * 0.1 * error)
            errors += error
        yield errors, output, np.asarray(w), None if b is None else float(b)


def _sum(side, x, w, b):
    total = reduce(add, (x[k] * w[k] for k in range(len(x))))
    return float(total if b is None else total + b)


def _neuron(x, y, w, b=None):
    """A neuron of one input, its error and output at every hundredth epoch."""

    def run(side):
        found = {
            (0, "first_output"): _sigmoid(
                _sum(side, *map(_array(side, "float32"), ([x], [w])), None)
            )
        }
        for epoch, (error, output, *_) in enumerate(_learn(side, [([x], y)], [w], b, 1000)):
            found |= {(epoch, "error"): error, (epoch, "output"): output}
        return found

    return run


XOR_W, XOR_B = [5.1281754e-02, -7.4505806e-09], 3.7252903e-09  # 3.25
AND_W, AND_B = [6.9484286, 6.951607], -10.601849  # 3.26


def _samples(targets):
    return [(list(x), float(y[0])) for x, y in zip(neurons.CORNERS, targets)]


def _xor_neuron(side):
    """What 3.25's weights give, and that an epoch leaves them where they are."""
    (errors, _, w, b), *_ = _learn(side, _samples(neurons.XOR), XOR_W, XOR_B, 1)
    array = _array(side, "float32")
    sums = [_sum(side, array(list(x)), array(XOR_W), array(XOR_B)) for x in neurons.CORNERS]
    found: dict = {(epoch, "error"): errors for epoch in range(1199, 2000, 200)}
    return found | {(0, "output"): [*map(_sigmoid, sums)], (0, "w"): w, (0, "b"): b}


def _and_neuron(side):
    """Table 3.8, in float64 from the digits of 3.26."""
    array = _array(side, "float64")
    w, b = array(AND_W), array(AND_B)
    sums = [_sum(side, array(list(x)), w, b) for x in neurons.CORNERS]
    return {(0, "sums"): sums, (0, "outputs"): [*map(_sigmoid, sums)]}


XOR_WEIGHTS = (  # 3.30
    [[7.102673, -3.8543596], [6.3426666, -3.775786]],
    [[-2.7972329, 5.666881]],
    [[6.1795464], [6.492127]],
    [[-9.206421]],
)


def _forward(pair, weights, inputs):
    """What a pair's network makes of inputs with given weights, in float32, with its balls."""

    def run(side):
        array = _array(side, "float32")
        network = PAIRS[pair].network(_tree(side))
        model = rounding_model("float32", "eager")
        output = lambda network, array: _last(
            network.forward([*map(array, weights)], array(inputs))
        )
        value = np.asarray(output(network, array))
        exact = lambda x: model.array(np.asarray(x, "float32"))
        ball = output(PAIRS[pair].network(trees.reference()), exact)
        return Ball(value, ball.mid, ball.rad)

    return run


def _last(forward):
    """Return the outputs of what a network's ``forward`` returns."""
    return forward[0][-1] if isinstance(forward[0], tuple) else forward[-1]


def _xor_outputs(side):
    return {(0, "output"): _forward("xor-2-2-1", XOR_WEIGHTS, neurons.CORNERS)(side)}


SUMMARIES = {"xor": "xor-2-2-1", "tanh": "population-1-6-1", "wine": "wine-12-48-24-12-2"}


def _summaries(side):
    """The numbers of weights of each Dense layer and of the model, as Keras's summary has them."""
    return {(0, name): _counts(side, PAIRS[pair]) for name, pair in SUMMARIES.items()}


def _counts(side, pair):
    if side == "numpy":
        shapes = pair.network(trees.reference()).weight_shapes
        sizes = [math.prod(shape) for shape in shapes]
        layers = [k + b for k, b in zip(sizes[::2], sizes[1::2])]
        return [*layers, sum(sizes)]
    model, _ = getattr(pair.network(trees.tensorflow()), pair.keras)(
        pair.weights("float32"), "float32"
    )
    layers = [n for layer in model.layers if (n := layer.count_params())]
    return [*layers, model.count_params()]


def _least_squares(side):
    """4.3: sums from left to right, as Python's ``sum`` made them."""
    array = _array(side, "float64")
    x, y = ([array(v) for v in column.ravel()] for column in neurons.population())
    total = lambda numbers: reduce(add, numbers, array(0.0))
    x_bar, y_bar = total(x) / len(x), total(y) / len(y)
    a = total((v - y_bar) * (u - x_bar) for v, u in zip(y, x))
    a = a / total((u - x_bar) ** 2 for u in x)
    return {(0, "a"): float(a), (0, "b"): float(y_bar - a * x_bar)}


def _softmax(side):
    """5.8: of 2, 1 and 0."""
    x = _array(side, "float64")([[2.0, 1.0, 0.0]])
    exponentials = np.asarray(_tree(side).Exponential().forward(x))
    return {
        (0, "sum"): np.sum(exponentials),
        (0, "softmax"): np.asarray(_tree(side).Softmax().forward(x)),
    }


def _information(side):
    """5.8: -log p of two chances, and half of the cross-entropy of two classes."""
    array, loss = _array(side, "float64"), _tree(side).CategoricalCrossentropyFromProbabilities()
    E = lambda chances, hot: float(loss.forward(array([chances]), array([hot])))
    return {
        (0, "rain"): E([0.01, 0.99], [1.0, 0.0]),
        (0, "dry"): E([0.01, 0.99], [0.0, 1.0]),
        (0, "red"): E([0.87, 0.13], [1.0, 0.0]) / 2,
        (0, "white"): E([0.6, 0.4], [0.0, 1.0]) / 2,
    }


# ------------------------------------------------------------------------------ text 003


def _pseudo_inverse(side):
    """The line by the left pseudo-inverse and by least squares of the library.

    Higham 2002, section 20.4: the error of either is bounded by the square of the condition.
    """
    x, y = (a.ravel() for a in digits.points())
    A = np.stack([x, np.ones_like(x)], axis=1)

    def numpy():
        from refimpl.regression import left_inverse

        return left_inverse(A) @ y, np.polyfit(x, y, 1)

    def tensorflow():
        import tensorflow as tf

        from tfimpl.regression import left_inverse

        Y = tf.constant(y[:, None])
        return left_inverse(tf.constant(A)) @ Y, tf.linalg.lstsq(tf.constant(A), Y, fast=False)

    by_inverse, by_library = (
        np.ravel(found) for found in (numpy if side == "numpy" else tensorflow)()
    )
    rad = len(x) * np.finfo(float).eps * np.linalg.cond(A) ** 2 * np.abs(by_library)
    return {(0, "solution"): by_inverse, (0, "polyfit"): Ball(by_library, by_library, rad)}


LINE = "line-from-line-to-line"
RATE, STRETCH = 0.00001, 100_000


def _line(side):
    """Every printed line from the one before: a hundred thousand steps, all stretches at once.

    What is printed of a float32 names it, so stretches that all end in the next line's bits are
    one run of 2 500 000 steps.  The sums over the eight points are in the order of the book's
    processor: ((0 + 4) + (2 + 6)) + ((1 + 5) + (3 + 7)).
    """
    printed = {(f.epoch, f.tensor): float(f.printed) for f in COLUMNS if f.pair == LINE}
    epochs = sorted({epoch for epoch, _ in printed})
    W, b = (np.array([printed[e, t] for e in epochs], "float32") for t in ("W", "b"))
    ends = np.asarray(_of(side, _walk, lambda: _tensorflow_walk)(W[:-1], b[:-1]))
    found = {(e, "E"): loss for e, loss in zip(epochs, _losses(side, W, b))}
    found |= {(0, "W"): W[0], (0, "b"): b[0]}
    for k, epoch in enumerate(epochs[1:]):
        found |= {(epoch, "W"): ends[0][k], (epoch, "b"): ends[1][k]}
    return found


def _points():
    return tuple(a.astype("float32") for a in digits.points())


def _in_order(v):
    """Return the sums of (8, ...): by halves, which is the order above."""
    v = v[:4] + v[4:]
    v = v[:2] + v[2:]
    return v[0] + v[1]


def _losses(side, W, b):
    array, (x, y) = _array(side, "float32"), _points()
    apart = array(W) * array(x) + array(b) - array(y)
    return np.asarray(_in_order(apart * apart) / 8)


def _line_step(W, b, x, y, rate):
    apart = (W * x + b - y) * 0.25  # 2 / 8, exactly
    return W - rate * _in_order(apart * x), b - rate * _in_order(apart)


def _walk(W, b):
    x, y = _points()
    rate = np.float32(RATE)
    for _ in range(STRETCH):
        W, b = _line_step(W, b, x, y, rate)
    return W, b


def _tensorflow_walk(W, b):
    """The same in a graph as it is written: Grappler would add the eight in another order."""
    import tensorflow as tf

    before = tf.config.optimizer.get_experimental_options().get("disable_meta_optimizer", False)
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    try:
        return _tensorflow_loop(tf, W, b)
    finally:
        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": before})


def _tensorflow_loop(tf, W, b):
    x, y = map(tf.constant, _points())

    @tf.function(autograph=False)
    def walk(W, b):
        step = lambda k, W, b: (k + 1, *_line_step(W, b, x, y, RATE))
        return tf.while_loop(lambda k, *_: k < STRETCH, step, (0, W, b))[1:]

    return walk(tf.constant(W), tf.constant(b))


def _first_loss(side):
    """The loss of weights that are all 0, which is log 10 whatever the images."""
    pair = PAIRS["digits-784-10"]
    reference = program(pair, "float32")
    trajectory = runner(pair, reference, side)(reference, reference.start(), 1)
    return {(0, "E"): trajectory.loss["E"][0]}


# ------------------------------------------------------------------------------ text 004


def _celsius(start):
    """Kernel and bias of Dense(1) after 500 epochs from a start kernel."""

    def run(side):
        pair = PAIRS["celsius-1"]
        reference = program(pair, "float32")
        weights = (np.array([[start]], "float32"), np.zeros((1, 1), "float32"))
        reference = replace(reference, weights=weights)
        trajectory = runner(pair, reference, side)(reference, reference.start(), pair.epochs)
        names = {"kernel": "W", "bias": "B"}
        return {(499, ours): trajectory.weights[name][-1] for ours, name in names.items()}

    return run


def _predicts(pair, weights):
    """The prediction of 100 degrees from the weights that the book prints beside it."""
    return lambda side: {(499, "prediction"): _forward(pair, weights, [[100.0]])(side)}


def _printed_weights(section):
    """Return the weights of 1-4-4-1 that a section of text 004 prints."""
    found = {f.tensor: f.printed for f in FIGURES if (f.seed, f.section) == ("004", section)}
    shapes = [s for units in pairwise((1, 4, 4, 1)) for s in (units, (1, units[1]))]
    names = [f"{part}{k}" for k in (1, 2, 3) for part in ("kernel", "bias")]
    return tuple(
        np.array(found[name].replace("[", " ").replace("]", " ").split(), float).reshape(shape)
        for name, shape in zip(names, shapes, strict=True)
    )


PRINTED = "from the weights that are printed beside it"
PROGRAMS = {
    "quadratic-data": BookProgram(_parabola, "float64"),
    "worked-step-1d": BookProgram(_worked_step([0.5], [-3.0], 0.25), "float64"),
    "worked-step-2d": BookProgram(_worked_step([3.0, 2.0], [2.0, -2.0], 0.25), "float64"),
    "parabola-by-hand": BookProgram(_parabola_by_hand, "float64"),
    "neuron-by-hand": BookProgram(
        _neuron(1, 0, 0.46919551), "float32", "from w = 0.46919551, which its first output gives"
    ),
    "neuron-stuck-by-hand": BookProgram(_neuron(0, 1, 0.5), "float32", "from any w"),
    "neuron-bias-by-hand": BookProgram(
        _neuron(0, 1, 0.5, 2.0363412), "float32", "from b = 2.0363412, which its first error gives"
    ),
    "xor-neuron-by-hand": BookProgram(_xor_neuron, "float32", "from 3.25's weights, a fixed point"),
    "and-neuron-by-hand": BookProgram(_and_neuron, "float64", "from the digits of 3.26"),
    "summaries": BookProgram(_summaries, "float32"),
    "xor-2-2-1-by-hand": BookProgram(_xor_outputs, "float32", "from 3.30's weights"),
    "least-squares": BookProgram(_least_squares, "float64"),
    "softmax-by-hand": BookProgram(_softmax, "float64"),
    "information": BookProgram(_information, "float64"),
    "pseudo-inverse": BookProgram(_pseudo_inverse, "float64"),
    LINE: BookProgram(_line, "float32", "25 stretches of 100 000 steps, each from a printed line"),
    "first-loss-of-zeros": BookProgram(_first_loss, "float32"),
    "celsius-1-01-1": BookProgram(_celsius(-0.59796), "float32", "from the kernel -0.59796"),
    "celsius-1-01-3": BookProgram(_celsius(0.629512), "float32", "from the kernel 0.629512"),
    "celsius-1-predicts": BookProgram(
        _predicts("celsius-1", ([[1.8252511]], [[28.777864]])), "float32", PRINTED
    ),
    "celsius-1-4-4-1-predicts-01-1": BookProgram(
        _predicts("celsius-1-4-4-1", _printed_weights("01-1")), "float32", PRINTED
    ),
    "celsius-1-4-4-1-predicts-01-3": BookProgram(
        _predicts("celsius-1-4-4-1", _printed_weights("01-3")), "float32", PRINTED
    ),
}
