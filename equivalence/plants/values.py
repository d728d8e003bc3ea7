"""Plants in what is no training step: the values of a loss, an activation or a schedule.

Each is tried on a case of ``plants.cases`` and held against the balls of the honest
reference; the first part outside, as a gradient, is where the defect is found.
"""

import numpy as np

from equivalence import trees
from equivalence.judge.verdict import DIFFERENT, ROUNDING_IDENTICAL, First, Judgement
from equivalence.plants.cases import activations, losses, schedules
from equivalence.plants.cases.activations import first_outside


def judged(plant, m=None):
    """Return the Judgement on the values of a plant's case by a namespace, and the values.

    m: the namespace with the defect; the honest one of the plant's tree without it.
    """
    m = m or trees.namespace(plant.tree)
    return {"activations": _activation, "losses": _loss, "schedules": _schedule}[plant.group](
        plant, m
    )


def _activation(plant, m):
    case, dtype = activations.BY_NAME[plant.run], plant.dtype
    activation = case.build(m)
    if plant.tree == "refimpl":
        values = activations.reference(case, dtype, activation)
    else:
        import tensorflow as tf

        x, yb = map(
            tf.constant, (activations.inputs(case, dtype), activations.cotangents(case, dtype))
        )
        y = activation.forward(x)
        values = y.numpy(), activation.backward(yb, x, y).numpy()
    expected = activations.reference(case, dtype)
    return _verdict(plant, activations.PARTS, values, expected, _balls_of(plant))


def _loss(plant, m):
    (case, run), dtype = losses.RUNS[plant.run], plant.dtype
    loss = losses.built(case, m, run[0])
    if plant.tree == "refimpl":
        values = losses.reference(case, dtype, run, loss)
    else:
        import tensorflow as tf

        given = losses.applied(tf.constant, losses.arguments(case, dtype, run))
        values = loss.forward(*given).numpy(), loss.backward(*given).numpy()
    expected = losses.reference(case, dtype, run)
    return _verdict(plant, losses.PARTS, values, expected, _balls_of(plant))


def _schedule(plant, m):
    row, dtype = schedules.BY_NAME[plant.run], plant.dtype
    if plant.tree == "refimpl":
        rates = schedules.float_rates(row.make(m), dtype)
    else:
        import tensorflow as tf

        rates = row.make(m).rate(tf.constant(schedules.ITERATIONS, dtype)).numpy()
    (balls,) = _balls_of(plant)
    outside = schedules.outside(rates, balls)
    found = [("rate", (i,), rates[i], balls.mid[i], balls.rad[i]) for i in outside[:1]]
    return _of_found(plant, found, step=outside[0] if outside else 0), (rates,)


def _balls_of(plant):
    """Return the balls of a plant's case."""
    if plant.group == "activations":
        return activations.balls(activations.BY_NAME[plant.run], plant.dtype, "eager")
    if plant.group == "losses":
        case, run = losses.RUNS[plant.run]
        return losses.balls(case, plant.dtype, "eager", run)
    row = schedules.BY_NAME[plant.run]
    return (schedules.engine_balls(schedules.reference(row), plant.dtype, "eager"),)


def _verdict(plant, parts, values, expected, balls):
    return _of_found(plant, first_outside(parts, values, expected, balls)), values


def _of_found(plant, found, step=0):
    """Return the Judgement of the first of what ``first_outside`` found."""
    if not found:
        return Judgement(ROUNDING_IDENTICAL, 0.0, 0.0, 0.0)
    part, index, value, middle, radius = found[0]
    if isinstance(value, str):  # another shape
        value, middle, radius = np.nan, np.nan, 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        usage = float(np.abs(np.float64(value) - np.float64(middle)) / np.float64(radius))
    side = plant.wrong_side
    values = (np.nan, float(value)) if side == "tensorflow" else (float(value), np.nan)
    first = First(step, step, part, "", index, *values, float(middle), side, np.nan, usage, True)
    words = f"{part}{list(index)}: {float(value):.9g} for {float(middle):.9g}; wrong: {side}"
    return Judgement(DIFFERENT, 0.0, 0.0, usage, words, first)
