"""Asking for one part alone: a layer, an activation, a loss, a schedule."""

import inspect

import numpy as np

from equivalence.diagnose import layout
from equivalence.diagnose.mine import (
    arrays_of,
    asked,
    checked,
    fresh,
    name_of,
    precision_of,
    step_of,
)
from equivalence.diagnose.recipe import Seen, state_names
from equivalence.diagnose.sides import matrix
from equivalence.errors import BadInput

BACK = ("backward", "backprop", "grad", "gradient", "derivative")
# Names of a loss's first argument that say it is asked for (outputs, targets).
OUTPUTS = (
    *("o", "out", "output", "outputs", "y_pred", "pred", "preds", "p", "y_hat", "yhat", "a", "z"),
    *("prediction", "predictions", "logits", "probs", "probabilities"),
)
FORTH = ("forward", "call", "__call__", "loss", "activate")


def of_schedule(mine, side):
    """Return (Seen, notes) of ``mine(step) -> rate``, steps counted from 0: updates of -rate."""
    function, called = _function(mine, ("rate", "__call__"))
    weights, rates = [np.zeros((1, 1))], []
    for s in range(len(side.recipe.inputs)):
        (rate,) = checked(arrays_of(asked(function, (s,), called)), called)
        rates.append(rate)
        weights.append(weights[-1] - float(rate))
    dtype = precision_of([np.asarray(rates)])
    moved = [np.zeros((1, 1)), *(-float(r) + np.zeros((1, 1)) for r in rates)]
    pairs = tuple((w,) for w in moved)
    return Seen(pairs, dtype=dtype, restarts=True), ()


def _watched(make, ask):
    """Return Seen's ``again`` of code that is asked anew at each step: ``ask(made, step)``."""

    def again(step, watching):
        made = make()
        with watching():
            return ask(made, step)

    return again


def of_loss(mine, side):
    """Return (Seen, notes) of ``mine(targets, outputs) -> E`` or ``-> (E, gradient)``."""
    own = _kept(mine)
    function, called = step_of(own, FORTH), f"your {name_of(mine)}"
    back = _way_back(own)
    targets_first = _targets_first(function)
    notes = () if targets_first else ("Asked as (outputs, targets).",)
    losses, slopes = [], []

    def in_order(outputs, targets):
        return (targets, outputs) if targets_first else (outputs, targets)

    def ask(made, step):
        order = in_order(*side.given[step])
        result = asked(_unchanged(step_of(made, FORTH)), order, called)
        way = _way_back(made)
        if way is not None and not isinstance(result, tuple):
            asked(_unchanged(way), () if not _count(way) else order, called)
        return result

    for outputs, targets in side.given:
        order = in_order(outputs, targets)
        result = asked(_unchanged(function), order, called)
        value, *gradient = result if isinstance(result, tuple) else (result,)
        values = checked([np.asarray(value)], called)[0]
        losses.append(float(np.mean(values)) if values.size > 1 else float(values.ravel()[0]))
        if not gradient and back is not None:
            order = () if not _count(back) else order
            gradient = [asked(_unchanged(back), order, called)]
        if gradient:
            (slope,) = checked([np.asarray(gradient[0])], called, like=[outputs])
            slopes.append({"outputs": np.asarray(slope, np.float64).reshape(outputs.shape)})
    weights = tuple((outputs,) for outputs, _ in side.given)
    dtype = precision_of([np.asarray(losses), *(s["outputs"] for s in slopes)])
    again = _watched(lambda: _kept(mine), ask)
    return Seen(weights, tuple(slopes), tuple(losses), dtype=dtype, moves=False, again=again), notes


def of_activation(mine, side):
    """Return (Seen, notes) of ``mine(x) -> y`` or ``-> (y, slope)``, or forward and backward."""
    own = _kept(mine)
    function, called = step_of(own, FORTH), f"your {name_of(mine)}"
    back = _way_back(own)
    outputs, slopes = [], []

    def ask(made, step):
        x, yb = side.given[step]
        result = asked(_unchanged(step_of(made, FORTH)), (x,), called)
        way = _way_back(made)
        if way is not None and not isinstance(result, tuple):
            asked(_unchanged(way), (yb,), called)
        return result

    for x, yb in side.given:
        result = asked(_unchanged(function), (x,), called)
        y, *slope = result if isinstance(result, tuple) else (result,)
        (y,) = checked([np.asarray(y)], called, like=[x])
        outputs.append({"outputs": np.asarray(y, np.float64)})
        if slope:
            slopes.append({"inputs": yb * np.asarray(slope[0], np.float64)})
        elif back is not None:
            slope = checked([np.asarray(asked(_unchanged(back), (yb,), called))], called, like=[x])
            slopes.append({"inputs": np.asarray(slope[0], np.float64)})
    weights = tuple((x,) for x, _ in side.given)
    dtype = precision_of([o["outputs"] for o in outputs])
    again = _watched(lambda: _kept(mine), ask)
    return Seen(
        weights, tuple(slopes), (), tuple(outputs), dtype=dtype, moves=False, again=again
    ), ()


def of_layer(mine, side):
    """Return (Seen, notes) of ``mine(weights, x) -> y``, ``mine(weights, x, yb) -> gradients``.

    Gradients are (xb, *of weights), these alone, or with y before them; or forward and backward
    of an object, which is given its weights by ``set_weights`` or by attributes of their shapes.
    Of a batch normalization the moving statistics may stand behind the weights, and be returned
    behind y as they are after the step.
    """
    network = side.recipe.network
    names, shapes = network.weight_names[1:], side.shapes
    if _both_ways(mine):
        return _of_object(mine, side, names, shapes)
    function, called = _function(mine, (*FORTH, *BACK))
    takes_back = _count(function) >= 3
    outputs, slopes = [], []
    weights = [np.asarray(w, np.float64) for w in side.start]
    states = [np.asarray(s, np.float64).ravel() for s in network.start_states()]
    if states and _wants(function, weights, side.given[0][: 1 + takes_back], states):
        weights = [*weights, *states]

    def ask(function, step):
        arguments = (weights, *side.given[step][: 1 + takes_back])
        return asked(_unchanged(function), arguments, called)

    for step, (x, yb) in enumerate(side.given):
        result = ask(function, step)
        given, moved = _flat(result), {}
        if states and len(given) == 1 + len(states) and not takes_back:
            of = zip(state_names(network), given[1:], network.start_states())
            moved = {n: np.asarray(a, np.float64).reshape(s.shape) for n, a, s in of}
            given = given[:1]
        found = _sorted(given, x, yb, names, shapes, called, takes_back)
        shown = {"outputs": found.pop("outputs")} if "outputs" in found else {}
        outputs.append(shown | moved)
        slopes.append(found)
    again = _watched(lambda: _function(mine, (*FORTH, *BACK))[0], ask)
    return _layer_seen(side, outputs, slopes, again)


def _wants(function, weights, data, states):
    """Say whether code takes a layer's states behind its weights: it fails without, not with."""

    def works(arrays):
        try:
            with np.errstate(all="ignore"):
                function([np.array(a) for a in arrays], *map(np.array, data))
        except Exception:  # somebody's code may raise anything
            return False
        return True

    return not works(weights) and works([*weights, *states])


def _of_object(mine, side, names, shapes):
    """Return what an object's forward and backward give."""
    outputs, slopes, called = [], [], f"your {name_of(mine)}"

    def made():
        own = mine() if inspect.isclass(mine) else fresh(mine)
        _give_weights(own, [np.array(w, np.float64) for w in side.start], called)
        return own

    def ask(own, step):
        x, yb = side.given[step]
        asked(_unchanged(own.forward), (x,), called)
        return asked(_unchanged(own.backward), (yb,), called)

    for x, yb in side.given:
        own = made()
        y = asked(_unchanged(own.forward), (x,), called)
        outputs.append({"outputs": _flat_samples(checked([np.asarray(y)], called, like=[yb])[0])})
        before = {k: v.copy() for k, v in vars(own).items() if isinstance(v, np.ndarray)}
        result = asked(_unchanged(own.backward), (yb,), called)
        given = _flat(result)
        found = [
            v
            for k, v in vars(own).items()
            if isinstance(v, np.ndarray)
            and (k not in before or not np.array_equal(before[k], v))
            and any(v.shape == tuple(s) for s in shapes)
        ]
        if len(given) == 1 and found:
            given = [*given, *found]
        slopes.append(_sorted(given, x, yb, names, shapes, called, True))
    return _layer_seen(side, outputs, slopes, _watched(made, ask))


def _give_weights(own, weights, called):
    """Give an object the layer's weights: by ``set_weights``, or attributes of their shapes."""
    if callable(getattr(own, "set_weights", None)):
        own.set_weights(weights)
        return
    free = {k: v for k, v in vars(own).items() if isinstance(v, np.ndarray)}
    for weight in weights:
        name = next((k for k, v in free.items() if v.size == weight.size), None)
        if name is None:
            shown = ", ".join(f"{k} {v.shape}" for k, v in free.items()) or "none"
            raise BadInput(
                f"{called} has no array for the weight {weight.shape}: it has {shown}; give it a "
                "method set_weights"
            )
        old = free.pop(name)
        turned = weight.T if weight.T.shape == old.shape != weight.shape else weight
        setattr(own, name, turned.reshape(old.shape).copy())


def _sorted(arrays, x, yb, names, shapes, called, back):
    """Return {name: array} of what a layer gave, "outputs" among them if they are."""
    checked(arrays, called)
    if not back:
        if len(arrays) != 1 or arrays[0].size != yb.size:
            shown = ", ".join(str(a.shape) for a in arrays)
            raise BadInput(f"{called} returned {shown}; the layer's outputs are {yb.shape}")
        return {"outputs": _flat_samples(_like(arrays[0], yb))}
    full = ["outputs", "inputs", *names]
    wanted = {len(full): full, len(full) - 1: full[1:], len(names): list(names)}
    of = {"outputs": yb.shape, "inputs": x.shape, **dict(zip(names, shapes))}
    if len(arrays) == 1 and len(names) != 1:
        wanted[1] = [next((n for n in full[1:] if _fits(arrays[0], of[n])), "")]
    order = wanted.get(len(arrays))
    if len(arrays) == 1 and names and not _fits(arrays[0], of[order[0]]):
        order = ["inputs"]
    if order is None or not all(n and _fits(a, of[n]) for n, a in zip(order, arrays)):
        shown = ", ".join(str(a.shape) for a in arrays)
        whole = ", ".join(f"{n} {tuple(of[n])}" for n in full)
        raise BadInput(f"{called} returned the shapes {shown}; gradients are of {whole}")
    found = {}
    for name, array in zip(order, arrays):
        if name in ("outputs", "inputs"):
            found[name] = _flat_samples(_like(array, np.empty(of[name])))
        else:
            place = layout.match([array], [name], [of[name]])[0]
            found[name] = matrix(place.read(array), of[name])
    return found


def _fits(array, shape):
    return next(iter(layout.orders(array.shape, shape)), None) is not None


def _like(array, other):
    """Return outputs in the shape of others; channels may come first."""
    order = next(iter(layout.orders(array.shape, other.shape)), None)
    if order is None:
        return array.reshape(other.shape)
    return np.squeeze(array).transpose(order).reshape(other.shape)


def _flat_samples(array):
    return np.asarray(array, np.float64).reshape(len(array), -1)


def _layer_seen(side, outputs, slopes, again):
    weights = tuple(
        (
            _flat_samples(x),
            *(matrix(np.asarray(w, np.float64), s) for w, s in zip(side.start, side.shapes)),
        )
        for x, _ in side.given
    )
    with_outputs = tuple(outputs) if any(outputs) else ()
    with_slopes = tuple(slopes) if any(slopes) else ()
    every = [a for step in (*with_outputs, *with_slopes) for a in step.values()]
    dtype = precision_of(every)
    return Seen(weights, with_slopes, (), with_outputs, dtype=dtype, moves=False, again=again), ()


# ------------------------------------------------------------------------------ their code


def _function(mine, methods):
    function = step_of(fresh(mine), methods)
    if function is None:
        raise BadInput(f"{name_of(mine)} cannot be called")
    return function, f"your {name_of(mine)}"


def _kept(mine):
    """Return the one object whose way forward keeps what its way back needs."""
    own = mine() if inspect.isclass(mine) else fresh(mine)
    if step_of(own, FORTH) is None:
        raise BadInput(f"{name_of(mine)} cannot be called")
    return own


def _unchanged(function):
    """Return a function that leaves its first argument alone, for ``asked``."""

    def call(*arguments):
        result = function(*arguments)
        if result is None:
            raise ValueError("it returned None")
        return result

    return call


def _both_ways(mine):
    own = mine() if inspect.isclass(mine) else mine
    return callable(getattr(own, "forward", None)) and callable(getattr(own, "backward", None))


def _way_back(mine):
    if inspect.isroutine(mine):
        return None
    return next((getattr(mine, n) for n in BACK if callable(getattr(mine, n, None))), None)


def _count(function):
    """Return how many positional arguments a function must or can take."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 2
    places = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in places and p.default is inspect.Parameter.empty for p in parameters)


def _targets_first(function):
    """Say whether the first argument is the targets, by its name; Keras's order if none tells."""
    try:
        first, *_ = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return True
    return first.lower() not in OUTPUTS


def _flat(result):
    """Return the arrays of a nest of tuples, lists and dicts, in order."""
    if isinstance(result, dict):
        return [a for v in result.values() for a in _flat(v)]
    if isinstance(result, (tuple, list)):
        return [a for v in result for a in _flat(v)]
    return [np.asarray(result)]
