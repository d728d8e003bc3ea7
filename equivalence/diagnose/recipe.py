"""What is computed, as a recipe that a variant changes, and what it gives step by step.

The steps start from where *yours* was: step s from your weights behind step s - 1, and, where
you brought gradients, the update from your gradients.  So a difference is not inherited but by
the optimizer's slots, which nobody brings: they are the recipe's own.
"""

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from equivalence.arithmetic.regrouping import RegroupingArray, regrouped

# What is compared, in the order in which it arises; loss is a side branch.
STAGES = ("activations", "loss", "gradients", "weights")
STATE = "state "  # before the name of what a step changes without a gradient
# A gradient that is so small a part of the largest, and may be 0, is 0 but for rounding.
NOTHING = 2.0**-13


class Passed:
    """What networks gave last, since many a recipe has the network and the data of another.

    Looked up by the objects themselves, which are kept as long as what they gave.
    """

    MOST = 32

    def __init__(self):
        self.found = OrderedDict()

    def get(self, kind, objects, propagate):
        """Return what ``propagate()`` gives, or gave for the same objects; kind: the arithmetic."""
        key = kind, *map(id, objects)
        if key not in self.found:
            self.found[key] = objects, propagate()
            if len(self.found) > self.MOST:
                self.found.popitem(last=False)
        self.found.move_to_end(key)
        return self.found[key][1]


@dataclass(frozen=True)
class Recipe:
    """A network of ``refimpl``, an optimizer or None, and the data of each step.

    inputs, targets: a list with an array for each step.
    sees: of what was brought "loss", "states", and "float32" where numbers are of that precision.
    yours: what was brought, a Seen, for what can only be found from it; None of none.
    by_sample: a step goes through its samples one by one, with an update after each.
    adds_up: gradients are added to those of the steps before.
    passed: of this recipe and of all that are made of it.
    silent: the weights whose gradient is 0 but for rounding: their updates are noise.
    """

    network: Any
    optimizer: Any
    inputs: tuple
    targets: tuple
    sees: tuple = ()
    yours: Any = None
    by_sample: bool = False
    adds_up: bool = False
    passed: Any = field(default_factory=Passed, compare=False, repr=False)
    silent: tuple = ()

    def with_(self, **changed):
        return replace(self, **changed)


@dataclass(frozen=True)
class Seen:
    """What was brought, in the shapes of the recipe's weights.

    weights: a tuple of arrays for each step and behind the last; the rest: {name: array} for
        each step, or an empty tuple.
    dtype: the precision of the numbers.
    moves: whether there is a weight behind each step; without, each step has its own.
    restarts: every step starts from the first weights.
    again: ``(step, watching) -> result`` runs the code once more up to a step, which is run in
        the context that ``watching()`` gives; None of numbers.
    """

    weights: tuple
    gradients: tuple = ()
    loss: tuple = ()
    activations: tuple = ()
    dtype: str = "float64"
    moves: bool = True
    restarts: bool = False
    again: Any = None

    @property
    def steps(self):
        if self.moves:
            return len(self.weights) - 1
        return max(map(len, (self.gradients, self.loss, self.activations)))

    def first(self, steps):
        """Return what was seen of the first steps alone."""
        cut = {k: getattr(self, k)[:steps] for k in ("gradients", "loss", "activations")}
        return replace(self, weights=self.weights[: steps + 1], **cut)


def sees_of(seen):
    """Return what a recipe is told of what was brought."""
    states = bool(seen.activations) and any(n.startswith(STATE) for n in seen.activations[0])
    of_precision = ("float32",) * (seen.dtype == "float32")
    return ("loss",) * bool(len(seen.loss)) + of_precision + ("states",) * states


def follow(recipe, seen, balls=False):
    """Return {(stage, tensor): [of each step]} of what the recipe gives from what was seen.

    The weights' entry is the update, new weight less old.
    balls: as RegroupingArrays, which hold every way of writing the recipe's formulas.
    """
    lift = (lambda a: regrouped(a, seen.dtype)) if balls else (lambda a: np.asarray(a, np.float64))
    way, found = Way(recipe, lift, seen.dtype if balls else "numbers"), {}
    names = recipe.network.weight_names
    with np.errstate(all="ignore"):
        for s in range(seen.steps):
            before = seen.weights[0 if seen.restarts else s]
            weights = tuple(lift(w) for w in before)
            given = seen.gradients[s] if seen.gradients else {}
            passed, after = way.step(s, weights, given, seen.moves, before)
            _add(found, "activations", recipe.network.activation_names, passed.activations)
            _add(found, "activations", state_names(recipe.network), passed.states)
            _add(found, "loss", ("E",), (passed.error,))
            _add(found, "gradients", names, passed.gradients)
            if after is not None:
                _add(found, "weights", names, [_less(a, w) for a, w in zip(after, weights)])
    return found


def is_seed(name):
    """Say whether a state is of a random generator: whole numbers, which do not round."""
    return name.endswith("seed_generator_state")


def silent_weights(recipe, seen):
    """Return the names of the weights whose gradient is 0 in exact arithmetic: rounding is left.

    As of a bias before a normalization, or of an attention's keys: every ball of it holds 0, and
    is NOTHING beside the largest gradient.
    """
    found = follow(recipe, seen.first(1), balls=True)
    of = {name: balls[0] for (stage, name), balls in found.items() if stage == "gradients"}
    largest = max((np.max(np.abs(b.mid), initial=0) for b in of.values()), default=0.0)
    return tuple(
        name
        for name, b in of.items()
        if b.mid.size
        and b.rad.any()
        and (np.abs(b.mid) <= b.rad).all()
        and np.max(b.size_of) <= NOTHING * largest
    )


class Way:
    """The recipe's own slots and states, as steps go on.

    kind: of the arithmetic, by which what networks gave is kept; "" where it is not.
    """

    def __init__(self, recipe, lift, kind=""):
        self.recipe, self.lift, self.kind, self.updates = recipe, lift, kind, 0
        self.slots, self.sums = None, None
        self.states = tuple(
            s if is_seed(name) else lift(s)
            for name, s in zip(recipe.network.state_names, recipe.network.start_states())
        )

    def step(self, s, weights, given, moves, known=()):
        """Return the Propagation of a step and the weights behind it, None without any.

        known: the weights as they were brought.
        """
        inputs, targets = self.recipe.inputs[s], self.recipe.targets[s]
        if not (self.recipe.by_sample and moves):
            return self.part(weights, inputs, targets, given, moves, known)
        first = None
        for k in range(inputs.shape[-2]):
            one = inputs[..., k : k + 1, :], targets[..., k : k + 1, :]
            passed, weights = self.part(weights, *one, {}, moves)
            first = first or passed
        return first, weights

    def step_on(self, weights, inputs, targets):
        """Return the Propagation of other data at these weights, and None."""
        return self.part(weights, inputs, targets, {}, False)

    def part(self, weights, inputs, targets, given, moves, known=()):
        recipe, optimizer = self.recipe, self.recipe.optimizer
        updates = optimizer is not None and moves
        if updates and self.slots is None:
            self.slots = tuple(optimizer.build_all(w) for w in weights)
        points = optimizer.points(weights, self.slots) if updates else weights
        more = (self.states,) if self.states else ()

        def propagate():
            data = self.lift(inputs), self.lift(targets)
            return recipe.network.propagate(points, *data, *more)

        if self.kind and known and points is weights and not more:
            objects = recipe.network, inputs, targets, *known
            passed = recipe.passed.get(self.kind, objects, propagate)
        else:
            passed = propagate()
        self.states = tuple(passed.states)
        if recipe.adds_up:
            self.sums = [g + h for g, h in zip(passed.gradients, self.sums or [0] * len(weights))]
            passed = passed._replace(gradients=tuple(self.sums))
        if not updates:
            return passed, None
        names = recipe.network.weight_names
        gradients = tuple(
            self.lift(given[n]) if n in given else g for n, g in zip(names, passed.gradients)
        )
        self.updates += 1
        scaled = optimizer.scale_loss(gradients, self.slots)
        count = np.float64(self.updates)
        after, self.slots = optimizer.apply(weights, scaled, self.slots, count)
        return passed, recipe.network.constrained(after)


def state_names(network):
    """Return the names of a network's states among what is compared."""
    return tuple(f"{STATE}{name}" for name in network.state_names)


def _add(found, stage, names, arrays):
    for name, array in zip(names, arrays):
        found.setdefault((stage, name), []).append(array)


def _less(after, before):
    """Return the update; of a ball, the midpoints' difference and the radius of the new weight."""
    if isinstance(after, RegroupingArray):
        return after._of(after.mid - before.mid, after.rad)
    return after - before


def brought(seen, names):
    """Return {(stage, tensor): [of each step]} of what was brought, as ``follow`` has it."""
    found = {}
    for stage in ("activations", "gradients"):
        for of_step in getattr(seen, stage):
            _add(found, stage, of_step.keys(), of_step.values())
    _add_all(found, "loss", "E", seen.loss)
    befores = seen.weights[:1] * seen.steps if seen.restarts else seen.weights
    for before, after in zip(befores, seen.weights[1:] if seen.moves else ()):
        _add(found, "weights", names, [np.subtract(a, b) for a, b in zip(after, before)])
    return found


def _add_all(found, stage, name, arrays):
    if len(arrays):
        found[stage, name] = list(arrays)
