"""Both sides run again for every figure that a book prints.

A figure is held against both sides in the precision of the program that printed
it: float64 for the books' NumPy programs, float32 for their TensorFlow ones.
"""

import re
from dataclasses import dataclass, replace

import numpy as np

from equivalence import trees
from equivalence.book.figures import FIGURES
from equivalence.pairs import data
from equivalence.pairs.table import PAIRS
from equivalence.steps import numpy as numpy_runner
from equivalence.steps.program import program

PRECISION = {"numpy": "float64", "tensorflow": "float32"}
BLOCK = 10_000  # epochs held in memory at a time
NUMBER = re.compile(r"-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?")


@dataclass(frozen=True)
class Reading:
    """A figure, and whether a side's value prints as the book has it."""

    figure: object
    side: str
    value: tuple  # the side's numbers, formatted as the figure's are
    agrees: bool


def numbers(printed):
    """Return the printed numbers of a figure as strings."""
    return tuple(NUMBER.findall(printed))


def as_printed(value, like):
    """Return ``value`` with the digits of the printed number ``like``."""
    mantissa, _, exponent = like.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    text = f"{value:.{decimals}{'e' if exponent else 'f'}}"
    return text if float(text) != 0 else text.removeprefix("-")


def read(figure, side, value):
    """Return the Reading of a side's array for a figure."""
    printed = numbers(figure.printed)
    flat = np.ravel(value)
    shown = tuple(as_printed(float(v), p) for v, p in zip(flat, printed))
    same = len(flat) == len(printed) and all(float(a) == float(b) for a, b in zip(shown, printed))
    return Reading(figure, side, shown, same)


def runs(figures=FIGURES):
    """Return {(pair, dtype): figures} of the figures that a pair's run prints."""
    grouped = {}
    for figure in figures:
        if figure.reproducible and figure.pair in PAIRS:
            grouped.setdefault((figure.pair, PRECISION[figure.by]), []).append(figure)
    return grouped


def readings(pair_name, dtype, figures, side):
    """Run one side of a pair and yield the Readings of its figures."""
    pair = PAIRS[pair_name]
    reference = program(pair, dtype)
    run = _runner(pair, reference, side)
    state, last = reference.start(), max(f.epoch for f in figures)
    wanted = {f.epoch for f in figures}
    for first in range(0, last + 1, BLOCK):
        epochs = range(first, min(first + BLOCK, last + 1))
        trajectory = run(reference, state, len(epochs) * pair.steps_per_epoch)
        state = trajectory.last_state
        for epoch in sorted(wanted.intersection(epochs)):
            step = (epoch - first + 1) * pair.steps_per_epoch - 1
            for figure in (f for f in figures if f.epoch == epoch):
                yield read(figure, side, _value(reference, trajectory, step, figure.tensor))


def _runner(pair, reference, side):
    """Return run(program, start, steps) of a side; TensorFlow's is Keras where it can be."""
    if side == "numpy":
        return numpy_runner.run
    from equivalence.engines import build

    twin = "keras" if pair.keras else "tape"
    return build.runner(pair, reference, twin, "graph").run


def _value(reference, trajectory, step, tensor):
    """Return what a book calls ``tensor`` at one step of a trajectory."""
    if tensor == "E":
        return trajectory.loss["E"][step]
    if tensor in trajectory.weights:
        return trajectory.weights[tensor][step + 1]
    if tensor in trajectory.activations:
        return trajectory.activations[tensor][step]
    if tensor.endswith("b") and tensor[:-1] in trajectory.gradients:
        return trajectory.gradients[tensor[:-1]][step]
    return DERIVED[tensor](reference, trajectory, step)


def classified(reference, trajectory, step):
    """Return (true class, predicted class) of every sample with the weights after a step."""
    weights = tuple(trajectory.weights[name][step + 1] for name in reference.layout.weights)
    predicted = reference.network.forward(weights, reference.inputs[0])[-1].argmax(axis=-1)
    return reference.targets[0].argmax(axis=-1), predicted


def accuracy(reference, trajectory, step):
    true, predicted = classified(reference, trajectory, step)
    return np.mean(true == predicted)


def confusion(reference, trajectory, step):
    """Return the table of counts, true classes in rows and predicted in columns."""
    true, predicted = classified(reference, trajectory, step)
    table = np.zeros((3, 3), int)
    np.add.at(table, (true, predicted), 1)
    return table


def coefficient(name, row):
    """Return a reader of one coefficient of the parabola from a Dense layer's weights."""
    return lambda reference, trajectory, step: trajectory.weights[name][step + 1][row]


DERIVED = {
    "accuracy": accuracy,
    "confusion": confusion,
    "w1": coefficient("W", 0),
    "w2": coefficient("W", 1),
    "b": coefficient("B", 0),
}


# ------------------------------------------------- figures that no pair's run prints

# Seed 000, 1-8: where a worked step starts, the gradient there, and the rate.
WORKED = {
    "worked-step-1d": ([0.5], [-3.0], 0.25),
    "worked-step-2d": ([3.0, 2.0], [2.0, -2.0], 0.25),
}


def by_hand(figures=FIGURES):
    """Yield the Readings of the data table and of the worked steps, on both sides."""
    for figure in figures:
        if figure.pair == "quadratic-data":
            for side, y in (("numpy", data.parabola()[1]), ("tensorflow", _tensorflow_parabola())):
                yield read(figure, side, y[figure.epoch])
        if figure.pair in WORKED:
            for side, value in _worked(*WORKED[figure.pair]):
                yield read(figure, side, value)


def _tensorflow_parabola():
    import tensorflow as tf

    x = tf.constant(np.arange(-5, 5, 0.1))
    return (2 * x * x + 3 * x + 5)[:, None].numpy()


def _worked(start, gradient, rate):
    import tensorflow as tf

    for side, m, array in (
        ("numpy", trees.reference(), np.array),
        ("tensorflow", trees.tensorflow(), tf.constant),
    ):
        value, _ = m.SGD(rate).update(array(start), array(gradient), (), 1, rate)
        yield side, np.asarray(value)


# ------------------------------------------ figures that hang on what no book gives

# Seed 004 prints one of these pairs of weights for its Dense(1) after 500 epochs; the
# start kernel was random.  Starts within the Glorot limit from which they come.
CELSIUS_STARTS = {"1.8252511 28.777864": -0.59796, "1.8215632 29.174837": 0.629512}


def celsius_from(start, side, dtype="float32"):
    """Return kernel and bias of celsius-1 after 500 epochs from a start kernel."""
    pair = PAIRS["celsius-1"]
    reference = program(pair, dtype)
    weights = (np.array([[start]], dtype), np.zeros((1, 1), dtype))
    reference = replace(reference, weights=weights)
    trajectory = _runner(pair, reference, side)(reference, reference.start(), pair.epochs)
    return tuple(float(trajectory.weights[name][-1][0, 0]) for name in ("W", "B"))
