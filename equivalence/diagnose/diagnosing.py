"""``equivalence.diagnose``: why do my weights not match Keras's?"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import numpy as np

from equivalence.diagnose import asking, layout, sides
from equivalence.diagnose.answer import (
    AMBIGUOUS,
    BITS,
    CAUSE,
    DRIFT,
    ROUNDING,
    UPSTREAM,
    Answer,
    Evidence,
)
from equivalence.diagnose.lines import first_line
from equivalence.diagnose.mine import (
    arrays_of,
    asked,
    checked,
    convention,
    fresh,
    holder,
    name_of,
    parts_of,
    precision_of,
    step_of,
)
from equivalence.diagnose.recipe import Seen, sees_of
from equivalence.diagnose.recognising import recognise
from equivalence.diagnose.running import way_of
from equivalence.diagnose.searching import diagnosed, distance, hold
from equivalence.diagnose.tables import VARIANTS
from equivalence.diagnose.telling import applied, data_that_tell, what_else_tells
from equivalence.diagnose.upstream import built_in, departure
from equivalence.errors import BadInput
from equivalence.runs.inputs import read

GROWS = 4  # how many times as far apart as after one step runs are that drift
# How one part alone is asked.
ALONE = {
    "layer": asking.of_layer,
    "activation": asking.of_activation,
    "loss": asking.of_loss,
    "schedule": asking.of_schedule,
}


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
        A layer is asked as ``(weights, x) -> y`` or ``(weights, x, yb) -> gradients``, a loss as
        ``(targets, outputs) -> E`` or ``-> (E, gradient)``, an activation as ``x -> y`` or
        ``-> (y, slope)``, a schedule as ``t -> rate``.
    model: Keras's side: a compiled model of any structure, a layer, an optimizer, a loss, an
        activation, a schedule; or the name of a row of ours (``equivalence pairs``).
    x, y: inputs and targets; of several a dict, list or tuple of arrays, as Keras takes them (a
        step is given lists as tuples).  Of an optimizer x are the gradients of each step, of a
        layer y is what flows back.
    weights: the start, in your layout; by default Keras's, or our own.
    steps: how many are taken, 10 by default.
    batch_size: samples a step, in order; all by default.

    Raises BadInput, a ValueError, for what cannot be compared: one sentence with names and shapes.
    """
    _check(x, y, steps, batch_size)
    remake = lambda x, y, more=None: _side(model, x, y, weights, more or steps, batch_size)
    side = remake(x, y)
    own_start = weights if side.kind == "step" else None
    seen, notes = brought_by(mine, side, own_start)
    answer = _diagnosed(seen, (*side.notes, *notes), side)
    if answer.kind != AMBIGUOUS:
        return answer
    asks = None if isinstance(mine, NUMBERS) else (lambda other: brought_by(mine, other, own_start))
    return told(answer, seen, side, remake, asks)


NUMBERS = (str, os.PathLike, Mapping, list, tuple)


def _check(x, y, steps, batch_size):
    """Raise BadInput for counts that are none, and for data without samples or with NaN."""
    for name, count in (("steps", steps), ("batch_size", batch_size)):
        whole = isinstance(count, (int, np.integer)) and not isinstance(count, bool)
        if count is not None and (not whole or count < 1):
            raise BadInput(f"{name} is {count!r}, and must be a whole number above 0")
    for name, data in (("x", x), ("y", y)):
        if not isinstance(data, np.ndarray):
            continue
        if data.size == 0:
            raise BadInput(f"{name} has no numbers: its shape is {data.shape}")
        if data.dtype.kind == "f" and not np.isfinite(data).all():
            at = tuple(int(i) for i in np.argwhere(~np.isfinite(data))[0])
            raise BadInput(f"{name} holds {data[at]} at {at}, shape {data.shape}")


def told(answer, seen, side, remake, asks):
    """Return an ambiguous answer with data that tell its causes apart, made here.

    Code is asked on them at once: if one cause holds there, it is the answer.
    asks: ``side -> (Seen, notes)`` of code, None of numbers.
    """
    causes = (answer.causes, *answer.others)
    data = data_that_tell(remake, side, seen, causes)
    if data is None:
        more = what_else_tells(side, seen, causes)
        tell = f"no other batch would, {more} would: bring them as well" if more else NOTHING_TELLS
        return replace(answer, tell=tell)
    would = "would tell some of them" if data.alike else "would"
    answer = replace(answer, data=data, tell=f"{data} {would}, which are made here")
    if asks is None:
        return answer
    other = remake(data.x, data.y, data.steps)
    again, _ = asks(other)
    recipe = other.recipe.with_(sees=sees_of(again))
    held = [each for each in causes if hold(applied(recipe, each), again).holds]
    if not held:
        return answer
    if len(held) > 1:
        return replace(answer, causes=held[0], others=tuple(held[1:]), tell=NOTHING_TELLS)
    rest = tuple(each for each in causes if each != held[0])
    return replace(answer, kind=CAUSE, causes=held[0], others=rest)


NOTHING_TELLS = "no batch that was tried would: here they are one and the same"


def _side(model, x, y, weights, steps, batch_size):
    """Return Keras's side of what was brought."""
    if isinstance(model, str):
        if (x is None) != (y is None) and not model.startswith("given-"):
            raise BadInput("give x and y, inputs and targets, or neither")
        return sides.of_pair(model, x, y, steps, batch_size)
    if type(model).__module__.startswith("refimpl."):
        return sides.of_twin(model, x, y, weights, steps)
    module = getattr(model, "__module__", "") if callable(model) else ""
    known = (type(model).__module__, module or "", *(c.__module__ for c in type(model).__mro__))
    if not any(name.split(".")[0] == "keras" for name in known):
        raise BadInput(
            f"{type(model).__name__} is nothing of Keras's: bring such, or the name of a row"
        )
    from equivalence.diagnose import keras_sides

    return keras_sides.side_of(model, x, y, weights, steps, batch_size)


def brought_by(mine, side, own_start=None):
    """Return (Seen, notes) of numbers, or of a step that is asked for them."""
    names = side.recipe.network.weight_names
    if isinstance(mine, (str, os.PathLike)):
        mine = read(os.fspath(mine))
    if isinstance(mine, (Mapping, list, tuple)):
        return from_arrays(mine, side, names)
    if side.kind in ALONE:
        return ALONE[side.kind](mine, side)
    return from_step(mine, side, names, own_start)


def _diagnosed(seen, notes, side):
    """Return the Answer of what was brought, and of Keras's own numbers beside it."""
    own = side.confirm and side.confirm()
    departs = own and departure(own)
    recipe = side.recipe.with_(sees=sees_of(seen), yours=seen)
    answer = departs and departs.rows and followed(side, recipe, seen, departs, notes)
    answer = answer or _found(recipe, seen, side, notes)
    if departs and not answer.departure:
        answer = departed(answer, side, departs)
    if not answer.agrees and answer.kind != UPSTREAM:
        answer = replace(answer, line=first_line(recipe, seen, answer.where))
    return drifted(answer, seen, own) if answer.agrees and own and own.runs else answer


def _found(recipe, seen, side, notes):
    """Return the Answer of what was brought, whatever Keras's own numbers are."""
    variants = VARIANTS
    if any("has no" in note for note in notes):  # of two causes that fit, the one that is seen
        variants = tuple(sorted(VARIANTS, key=lambda v: v.name != "bias-left-out"))
    return diagnosed(recipe, seen, variants, notes, recognise, side.numbers)


def followed(side, recipe, seen, departs, notes):
    """Return that yours agrees with Keras where both have its known defect, else None."""
    changed = built_in(recipe, departs.rows, departs.dtype)
    held = hold(changed, seen)
    if not held.holds or hold(recipe, seen).holds:
        return None
    fit, keras = distance(changed, seen), distance(recipe, seen)
    evidence = Evidence(fit, keras, None, seen.steps, 1, held.sharp_to)
    note = f"Both depart from the formula, by {departs.known}: {departs.what}."
    return Answer(ROUNDING, evidence=evidence, notes=(*notes, note), departure=departs)


def departed(answer, side, departs):
    """Return an answer that says where Keras's own numbers leave its formula.

    Where yours follow the formula, and a known defect explains Keras's, that is the answer.
    """
    if departs.rows and answer.agrees:
        return replace(answer, kind=UPSTREAM, departure=departs, where=departs.where)
    words = f"Keras's own {side.what} (version {version('keras')})"
    if departs.rows:
        words = f"{words} departs as well, by {departs.known}: {departs.what}."
    else:
        words += (
            f" leaves its formula as well, by nothing known, first at {departs.where}: "
            "equivalence certify says at which operation"
        )
    return replace(answer, notes=(*answer.notes, words), departure=departs)


def drifted(answer, seen, own):
    """Return an agreement with how far Keras's own run, which goes freely, is from yours.

    Where yours have the bits of another way of running Keras, that is said.
    """
    runs = own.runs
    steps = min(len(runs), len(seen.weights))
    apart = []
    for mine, keras in zip(seen.weights[:steps], runs[:steps]):
        apart.append(max(float(np.max(np.abs(a - b), initial=0)) for a, b in zip(mine, keras)))
    if not any(apart):
        return replace(answer, kind=BITS)
    shown = sorted({s for s in (1, 3, 10, 30, 100, 300, 1000, 3000) if s < steps} | {steps - 1})
    by_step = ", ".join(f"{apart[s]:.1e} after {s}" for s in shown)
    way = way_of(seen, own)
    if way:
        off = f"apart from it by {apart[-1]:.1e} after {steps - 1}"
        reason = f"They are those of {way}; as a graph it rounds otherwise, {off} steps."
        return replace(answer, kind=BITS, reason=reason)
    words = f"Run freely, Keras's float32 and yours are apart by {by_step} steps: rounding."
    grows = apart[-1] > GROWS * max(apart[1], 1e-300)
    return replace(answer, kind=DRIFT if grows else ROUNDING, reason=words)


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
    if 0 < np.size(loss) < steps:
        raise BadInput(f"the loss has {np.size(loss)} steps, the weights have {steps}")
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


def from_step(mine, side, names, own_start=None):
    """Return (Seen, notes) of a step that is asked in float64, step after step.

    own_start: the start in its own layout, None where Keras's is tried in several.
    """
    if side.kind == "step":
        mine = holder(mine, names, side.shapes)
    if step_of(fresh(mine)) is None:
        raise BadInput(f"{name_of(mine)} is neither a step nor numbers")
    called = f"your {name_of(mine)}"
    starts = [list(own_start)] if own_start is not None else _layouts(side, names)
    if own_start is not None:
        of = _kept(own_start, side, names)
        layout.match(own_start, [names[k] for k in of], [side.shapes[k] for k in of])
    start, way = convention(mine, starts, side.given[0], _short(names))
    function = step_of(fresh(mine))
    weights, gradients, loss = [start], [], []
    for given in side.given:
        arguments = [way(a, _short(names)[: len(start)]) for a in (weights[-1], *given)]
        result = asked(function, arguments, called)
        after, slopes, error = parts_of(result)
        if len(weights[-1]) == 1 and len(after) != 1 and np.shape(result) == np.shape(start[0]):
            after = [np.asarray(result)]
        weights.append(checked(after, called, like=weights[-1]))
        gradients.append(slopes)
        loss.append(error)
    _check_deterministic(mine, function, way, weights, side, names, called)
    dtype = precision_of([a for step in weights[1:] for a in step])
    kept = _kept(start, side, names)

    def again(step, watching):
        own = step_of(fresh(mine))
        for s, given in enumerate(side.given[: step + 1]):
            arguments = [way(a, _short(names)[: len(start)]) for a in (weights[s], *given)]
            with watching() if s == step else nullcontext():
                result = asked(own, arguments, called)
        return result

    of = lambda things: [things[k] for k in kept]
    places = layout.match(start, of(names), of(side.shapes), of(side.start))

    def read(arrays):
        found = [sides.matrix(w, s) for w, s in zip(side.start, side.shapes)]
        for k, place in zip(kept, places):
            found[k] = sides.matrix(place.read(arrays[place.position]), side.shapes[k])
        return tuple(found)

    with_gradients = gradients[0] is not None and len(gradients[0]) == len(start)
    notes = _notes(places, [names[k] for k in kept])
    if len(kept) < len(names):
        missing = ", ".join(names[k] for k in range(len(names)) if k not in kept)
        notes = (*notes, f"Yours has no {missing}: taken for weights that do not move.")
    return (
        Seen(
            tuple(read(step) for step in weights),
            tuple(
                {names[k]: array for k in kept for array in [read(step)[k]]} for step in gradients
            )
            if with_gradients
            else (),
            tuple(float(e) for e in loss) if loss[0] is not None else (),
            dtype=dtype,
            again=again,
        ),
        notes,
    )


def _short(names):
    """Return the names as keys of a dict: without what no two share."""
    return tuple(name.replace(".", "_") for name in names)


def _kept(start, side, names):
    """Return which weights a start has: all, or all but the biases."""
    if len(start) == len(names):
        return list(range(len(names)))
    return [k for k, name in enumerate(names) if not _is_bias(name)]


def _is_bias(name):
    return name.rpartition(".")[2] in ("bias", "B", "BH", "BO")


def _layouts(side, names):
    """Return Keras's start in the layouts in which people have weights, Keras's own first.

    Biases as rows; kernels transposed, with biases flat or as columns; without biases.
    """
    start = [np.asarray(w, np.float64) for w in side.start]
    if side.kind != "step":
        return [start]
    row = lambda w, flat: w.reshape(1, -1) if flat else w
    column = lambda w, flat: w.reshape(-1, 1) if flat else w.T
    flats = [_is_bias(n) and w.size == max(w.shape, default=1) for n, w in zip(names, start)]
    found = [start, [row(w, f) for w, f in zip(start, flats)]]
    found.append([w.ravel() if f else w for w, f in zip(start, flats)])
    if all(w.ndim <= 2 for w in start):
        found.append([column(w, f) for w, f in zip(start, flats)])
        found.append([w.ravel() if f else w.T for w, f in zip(start, flats)])
    if any(flats) and not all(flats):
        found.append([w for w, f in zip(start, flats) if not f])
        if all(w.ndim <= 2 for w in start):
            found.append([w.T for w, f in zip(start, flats) if not f])
    return found


def _check_deterministic(mine, function, way, weights, side, names, called):
    """Raise BadInput where two calls with the same numbers differ, and no state can be why."""
    twin = step_of(fresh(mine))
    owner = getattr(function, "__self__", None)
    if twin is function or (owner is not None and getattr(twin, "__self__", None) is owner):
        slotless = getattr(side.recipe.optimizer, "kind", "") == "plain"
        if not slotless or hasattr(side.recipe.optimizer.learning_rate, "rate"):
            return
    arguments = [way(a, _short(names)[: len(weights[0])]) for a in (weights[0], *side.given[0])]
    again, *_ = parts_of(asked(twin, arguments, called))
    if len(again) != len(weights[1]):
        again = [np.asarray(again)]
    for k, (a, b) in enumerate(zip(again, weights[1])):
        if np.shape(a) == np.shape(b) and not np.array_equal(a, b):
            off = float(np.max(np.abs(np.asarray(a, np.float64) - b)))
            raise BadInput(
                f"{called} is not deterministic: two calls with the same numbers differ by "
                f"{off:.3g} in array {k + 1}, so it draws random numbers, or keeps a state where "
                f"it cannot be copied, which Keras's {side.what} has not: keep it in an object"
            )
