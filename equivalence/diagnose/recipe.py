"""What is computed, as a recipe that a variant changes, and what it gives step by step.

The steps start from where *yours* was: step s from your weights behind step s - 1, and, where
you brought gradients, the update from your gradients.  So a difference is not inherited but by
the optimizer's slots, which nobody brings: they are the recipe's own.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from equivalence.arithmetic.regrouping import RegroupingArray, regrouped

# What is compared, in the order in which it arises; loss is a side branch.
STAGES = ("activations", "loss", "gradients", "weights")


@dataclass(frozen=True)
class Recipe:
    """A network of ``refimpl``, an optimizer or None, and the data of each step.

    inputs, targets: a list with an array for each step.
    """

    network: Any
    optimizer: Any
    inputs: tuple
    targets: tuple

    def with_(self, **changed):
        return replace(self, **changed)


@dataclass(frozen=True)
class Seen:
    """What was brought, in the shapes of the recipe's weights.

    weights: a tuple of arrays for each step and behind the last; the rest: {name: array} for
        each step, or an empty tuple.
    dtype: the precision of the numbers.
    """

    weights: tuple
    gradients: tuple = ()
    loss: tuple = ()
    activations: tuple = ()
    dtype: str = "float64"

    @property
    def steps(self):
        found = [len(self.weights) - 1, *map(len, (self.gradients, self.loss, self.activations))]
        return max(found)

    @property
    def moves(self):
        """Whether there is a weight behind a step."""
        return len(self.weights) > 1

    def first(self, steps):
        """Return what was seen of the first steps alone."""
        cut = {k: getattr(self, k)[:steps] for k in ("gradients", "loss", "activations")}
        return replace(self, weights=self.weights[: steps + 1], **cut)


def follow(recipe, seen, balls=False):
    """Return {(stage, tensor): [of each step]} of what the recipe gives from what was seen.

    The weights' entry is the update, new weight less old.
    balls: as RegroupingArrays, which hold every way of writing the recipe's formulas.
    """
    lift = (lambda a: regrouped(a, seen.dtype)) if balls else (lambda a: np.asarray(a, np.float64))
    names, found, slots = recipe.network.weight_names, {}, None
    states = tuple(lift(s) for s in recipe.network.start_states())
    with np.errstate(all="ignore"):
        for s in range(seen.steps):
            weights = tuple(lift(w) for w in seen.weights[min(s, len(seen.weights) - 1)])
            inputs, targets = lift(recipe.inputs[s]), lift(recipe.targets[s])
            more = (states,) if states else ()
            passed = recipe.network.propagate(weights, inputs, targets, *more)
            states = tuple(passed.states)
            _add(found, "activations", recipe.network.activation_names, passed.activations)
            _add(found, "loss", ("E",), (passed.error,))
            _add(found, "gradients", names, passed.gradients)
            if recipe.optimizer is None or not seen.moves:
                continue
            gradients = passed.gradients
            if seen.gradients:
                gradients = tuple(
                    lift(seen.gradients[s][n]) if n in seen.gradients[s] else g
                    for n, g in zip(names, gradients)
                )
            if slots is None:
                slots = tuple(recipe.optimizer.build_all(w) for w in weights)
            count = np.float64(s + 1)
            given = recipe.optimizer.scale_loss(gradients, slots)
            after, slots = recipe.optimizer.apply(weights, given, slots, count)
            after = recipe.network.constrained(after)
            _add(found, "weights", names, [_less(a, w) for a, w in zip(after, weights)])
    return found


def _add(found, stage, names, arrays):
    for name, array in zip(names, arrays):
        found.setdefault((stage, name), []).append(array)


def _less(after, before):
    """Return the update; of a ball, the midpoints' difference and the radius of the new weight."""
    if isinstance(after, RegroupingArray):
        return RegroupingArray(after.mid - before.mid, after.rad, after.dtype)
    return after - before


def brought(seen, names):
    """Return {(stage, tensor): [of each step]} of what was brought, as ``follow`` has it."""
    found = {}
    for stage in ("activations", "gradients"):
        for of_step in getattr(seen, stage):
            _add(found, stage, of_step.keys(), of_step.values())
    _add_all(found, "loss", "E", seen.loss)
    for before, after in zip(seen.weights, seen.weights[1:]):
        _add(found, "weights", names, [np.subtract(a, b) for a, b in zip(after, before)])
    return found


def _add_all(found, stage, name, arrays):
    if len(arrays):
        found[stage, name] = list(arrays)
