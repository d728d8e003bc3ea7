"""Both sides run again for every figure that a book prints.

A figure is held against both sides in the precision of the program that printed
it: float64 for the books' NumPy programs, float32 for their TensorFlow ones.
"""

import re
from dataclasses import dataclass

import numpy as np

from equivalence.book.columns import EVERY
from equivalence.book.programs import PROGRAMS, SIDES, Ball, runner
from equivalence.pairs.table import PAIRS
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
    """Return the Reading of a side's array, or Ball, for a figure."""
    printed, ball = numbers(figure.printed), value
    flat = np.ravel(value.value if isinstance(value, Ball) else value)
    shown = tuple(as_printed(float(v), p) for v, p in zip(flat, printed))
    same = len(flat) == len(printed) and all(float(a) == float(b) for a, b in zip(shown, printed))
    if isinstance(ball, Ball):  # the last digits are the machine's
        apart = np.abs(np.array(printed, float) - np.ravel(ball.mid))
        same = bool((apart <= np.ravel(ball.rad) + _half_a_digit(printed)).all())
    return Reading(figure, side, shown, same)


def _half_a_digit(printed):
    """Return half a unit of the last digit of each printed number."""
    return [0.5 * 10.0 ** -len(number.partition(".")[2]) for number in printed]


def runs(figures=EVERY):
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
    run = runner(pair, reference, side)
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


def of_programs(names=PROGRAMS, figures=EVERY):
    """Yield (name, Readings of its figures on both sides) of programs that are no pair."""
    for name in names:
        own = [f for f in figures if f.pair == name]
        yield name, [r for side in SIDES for r in _of_program(name, own, side)]


def _of_program(name, figures, side):
    values = PROGRAMS[name].run(side)
    return [read(f, side, values[f.epoch, f.tensor]) for f in figures]
