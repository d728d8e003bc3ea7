"""``equivalence.diagnose``: why do my weights not match Keras's?"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from equivalence.diagnose import layout, sides
from equivalence.diagnose.answer import Answer
from equivalence.diagnose.mine import (
    arrays_of,
    asked,
    checked,
    convention,
    fresh,
    name_of,
    parts_of,
    precision_of,
    step_of,
)
from equivalence.diagnose.recipe import Seen
from equivalence.diagnose.recognising import recognise
from equivalence.diagnose.searching import diagnosed
from equivalence.diagnose.tables import VARIANTS
from equivalence.errors import BadInput
from equivalence.runs.inputs import read


def diagnose(
    mine: Any,
    model: Any,
    x: Any = None,
    y: Any = None,
    *,
    weights: Any = None,
    steps: int | None = None,
    batch_size: int | None = None,
) -> Answer:
    """Say why somebody's own training step, or part of one, does not give Keras's numbers.

    mine: a step ``(weights, x, y) -> weights`` or ``-> (weights, gradients)``, a function or an
        object with state; of an optimizer ``(weights, gradients) -> weights``.  Or numbers: a
        dict or an .npz file's name, the weights by their names with an axis for the steps, and
        perhaps "gradients/NAME" and "loss".
    model: Keras's side: an optimizer, or the name of a row of ours (``equivalence pairs``).
    x, y: inputs and targets; of an optimizer x are the gradients of each step.
    weights: the start, in your layout; by default Keras's, or our own.
    steps: how many are taken, 10 by default.
    batch_size: samples a step, in order; all by default.

    Raises BadInput, a ValueError, for what cannot be compared: one sentence with names and shapes.
    """
    side = _side(model, x, y, weights, steps, batch_size)
    return _diagnosed(mine, side)


def _side(model, x, y, weights, steps, batch_size):
    """Return Keras's side of what was brought."""
    if isinstance(model, str):
        return sides.of_pair(model, steps)
    if type(model).__module__.startswith("refimpl.optimizers"):
        return sides.of_optimizer(model, x, weights, steps, type(model).__name__)
    if not type(model).__module__.split(".")[0] == "keras":
        raise BadInput(
            f"{type(model).__name__} is nothing of Keras's: bring such, or the name of a row"
        )
    from equivalence.diagnose import keras_sides

    return keras_sides.side_of(model, x, y, weights, steps, batch_size)


def _diagnosed(mine, side):
    """Return the Answer for numbers, or for a step that is asked for them."""
    names = side.recipe.network.weight_names
    if isinstance(mine, (str, os.PathLike)):
        mine = read(os.fspath(mine))
    if isinstance(mine, (Mapping, list, tuple)):
        seen, notes = from_arrays(mine, side, names)
    else:
        seen, notes = from_step(mine, side, names)
    if side.confirm is not None and (doubt := side.confirm()):
        notes = (*notes, doubt)
    return diagnosed(side.recipe, seen, VARIANTS, notes, recognise, side.numbers)


# ------------------------------------------------------------------------------ from numbers


def from_arrays(mine, side, names):
    """Return (Seen, notes) of weights by name with an axis of steps, or of a list of steps."""
    if not isinstance(mine, Mapping):
        mine = _columns(mine)
    gradients = {k.split("/", 1)[1]: v for k, v in mine.items() if k.startswith("gradients/")}
    loss = mine.get("loss", ())
    own = {
        k.removeprefix("weights/"): np.asarray(v)
        for k, v in mine.items()
        if not k.startswith(("gradients/", "activations/")) and k != "loss"
    }
    if not own:
        raise BadInput("no weights were brought: give them by name, with an axis for the steps")
    lengths = {k: len(v) if np.ndim(v) else 0 for k, v in own.items()}
    if len(set(lengths.values())) != 1 or min(lengths.values()) < 2:
        shown = ", ".join(f"{k} {np.shape(v)}" for k, v in own.items())
        raise BadInput(
            "every weight must have the same first axis, the start and each step, 2 at least; "
            f"yours are {shown}"
        )
    steps = min(lengths.values()) - 1
    if steps > len(side.recipe.inputs):
        raise BadInput(f"yours has {steps} steps, and there are data for {len(side.recipe.inputs)}")
    checked(list(own.values()), "mine")
    places = layout.match([v[0] for v in own.values()], names, side.shapes, list(side.start))
    columns = list(own.values())
    dtype = precision_of([np.asarray(v) for v in columns])
    matrices = lambda s: tuple(
        sides.matrix(p.read(columns[p.position][s]), shape) for p, shape in zip(places, side.shapes)
    )
    seen = Seen(
        tuple(matrices(s) for s in range(steps + 1)),
        _gradient_steps(gradients, list(own), places, names, side.shapes, steps),
        tuple(np.asarray(loss, np.float64)[:steps]) if np.ndim(loss) else (),
        dtype=dtype,
    )
    return seen, _notes(places, names)


def _columns(steps):
    """Return {position: (S + 1, ...)} of a list with a list of arrays for each step."""
    rows = [arrays_of(step) for step in steps]
    if len({tuple(a.shape for a in row) for row in rows}) != 1:
        shapes = "; ".join(", ".join(str(a.shape) for a in row) for row in rows[:3])
        raise BadInput(f"the steps have arrays of different shapes: {shapes}")
    return {f"array {k + 1}": np.stack(column) for k, column in enumerate(zip(*rows))}


def _gradient_steps(gradients, keys, places, names, shapes, steps):
    """Return {name: gradient} of each step, of those that were brought."""
    if not gradients:
        return ()
    found = []
    for s in range(steps):
        of_step = {}
        for place, name, shape in zip(places, names, shapes):
            array = gradients.get(keys[place.position], gradients.get(name))
            if array is None:
                continue
            if len(array) < steps:
                raise BadInput(f"gradients/{name} has {len(array)} steps, the weights have {steps}")
            of_step[name] = sides.matrix(place.read(array[s]), shape)
        found.append(of_step)
    return tuple(found)


def _notes(places, names):
    words = layout.words(places, names)
    return (f"{words[0].upper()}{words[1:]}.",) if words else ()


# -------------------------------------------------------------------------------- from a step


def from_step(mine, side, names):
    """Return (Seen, notes) of a step that is asked in float64, step after step."""
    function = step_of(fresh(mine))
    if function is None:
        raise BadInput(f"{name_of(mine)} is neither a step nor numbers")
    called = f"your {name_of(mine)}"
    start = [np.asarray(w, np.float64) for w in side.start]
    way = convention(mine, (start, *side.given[0]), names)
    weights, gradients, loss = [start], [], []
    for given in side.given:
        arguments = [way(a, names) for a in (weights[-1], *given)]
        result = asked(function, arguments, called)
        after, slopes, error = parts_of(result)
        if len(weights[-1]) == 1 and len(after) != 1 and np.shape(result) == np.shape(start[0]):
            after = [np.asarray(result)]
        weights.append(checked(after, called, like=weights[-1]))
        gradients.append(slopes)
        loss.append(error)
    dtype = precision_of([a for step in weights[1:] for a in step])
    places = layout.match(weights[0], names, side.shapes, list(side.start))
    read = lambda arrays: tuple(
        sides.matrix(p.read(arrays[p.position]), shape) for p, shape in zip(places, side.shapes)
    )
    with_gradients = gradients[0] is not None
    return (
        Seen(
            tuple(read(step) for step in weights),
            tuple(dict(zip(names, read(step))) for step in gradients) if with_gradients else (),
            tuple(float(e) for e in loss) if loss[0] is not None else (),
            dtype=dtype,
        ),
        _notes(places, names),
    )
