"""Keras's side as a recipe: of an optimizer, or of a row of ours by name."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from math import prod

import numpy as np

from equivalence import trees
from equivalence.diagnose.forms.optimizers import form_of
from equivalence.diagnose.forms.outputs import RowForm
from equivalence.diagnose.recipe import Recipe
from equivalence.errors import BadInput

SHAPES = ((3, 4), (4,))  # of weights, where nobody says


@dataclass(frozen=True)
class Side:
    """Keras's formulas, and what somebody's step is called with.

    kind: "optimizer", "step", ...; what: how to call Keras's object in a sentence.
    shapes: of the weights as Keras has them; start: their values.
    given: what is given to the step behind the weights, a tuple for each step.
    confirm: holds Keras's own object against the recipe, and returns a note and its states;
        or None.
    numbers: hyperparameters by name; notes: what should be said of this side.
    """

    kind: str
    what: str
    recipe: Recipe
    shapes: tuple
    start: tuple
    given: tuple
    confirm: Callable | None = None
    numbers: dict = field(default_factory=dict)
    notes: tuple = ()


def numbers_of(optimizer):
    """Return an optimizer's hyperparameters that are numbers."""
    if optimizer is None:
        return {}
    values = {f.name: getattr(optimizer, f.name) for f in fields(optimizer)}
    return {k: v for k, v in values.items() if isinstance(v, float)}


def of_optimizer(twin, gradients, weights, steps, what, confirm=None):
    """Return the side of an optimizer on given gradients.

    gradients: a list for each step of an array for each weight; None for our own.
    weights: the start, None for our own.
    """
    if gradients is None:
        shapes = SHAPES if weights is None else [np.shape(w) for w in weights]
        gradients = own_gradients(shapes, steps or 10)
    else:
        gradients = _by_step(gradients, weights)[: steps or None]
    shapes = tuple(np.shape(g) for g in gradients[0])
    if weights is None:
        rng = np.random.default_rng(1)
        weights = [rng.normal(size=shape) * 0.1 for shape in shapes]
    if [np.shape(w) for w in weights] != list(shapes):
        of = lambda arrays: ", ".join(str(np.shape(a)) for a in arrays)
        raise BadInput(f"the weights {of(weights)} and the gradients {of(gradients[0])} differ")
    network = trees.reference().GivenGradients(shapes)
    flat = [np.concatenate([np.ravel(g) for g in step])[None] for step in gradients]
    targets = [np.zeros((1, 1))] * len(flat)
    recipe = Recipe(network, form_of(twin), tuple(flat), tuple(targets))
    given = tuple(([np.asarray(g, np.float64) for g in step],) for step in gradients)
    start = tuple(np.asarray(w, np.float64) for w in weights)
    numbers = numbers_of(recipe.optimizer)
    return Side("optimizer", what, recipe, shapes, start, given, confirm, numbers)


def own_gradients(shapes, steps):
    """Return gradients of both signs from 1e-5 to 1, with some 0 in all steps but the first."""
    rng = np.random.default_rng(0)
    draw = lambda shape: rng.choice((-1.0, 1.0), shape) * 10 ** rng.uniform(-5, 0, shape)
    return [[draw(shape) for shape in shapes] for _ in range(steps)]


def _by_step(gradients, weights):
    """Return a list of lists of arrays of what was given as gradients."""
    if isinstance(gradients, np.ndarray):
        return [[g] for g in gradients]
    gradients = list(gradients)
    if not gradients:
        raise BadInput("no gradients were given")
    if all(isinstance(g, (list, tuple)) for g in gradients):
        return [list(g) for g in gradients]
    if weights is not None and len(gradients) == len(weights):
        steps = {len(g) for g in gradients}
        if len(steps) == 1 and all(
            np.shape(g)[1:] == np.shape(w) for g, w in zip(gradients, weights)
        ):
            return [[g[s] for g in gradients] for s in range(steps.pop())]
        return [gradients]
    return [[g] for g in gradients]


def of_pair(name, steps):
    """Return the side of a row of ours."""
    from equivalence.pairs.table import PAIRS
    from equivalence.steps.program import program

    if name not in PAIRS:
        near = get_close_matches(name, PAIRS, n=3, cutoff=0.0)
        raise BadInput(f"unknown pair {name!r}: the nearest are {', '.join(near)}")
    made = program(PAIRS[name], "float64")
    if type(made.network).__name__ == "GivenGradients":
        network = made.network
        batches = [made.batch(s)[0] for s in range(steps or 10)]
        reshape = lambda arrays: [a.reshape(s) for a, s in zip(arrays, network.shapes)]
        gradients = [reshape(network.gradients(b)) for b in batches]
        return of_optimizer(
            made.optimizer, gradients, reshape(made.weights), None, f"the row {name}"
        )
    return of_program(made, steps or 10, f"the row {name}")


def of_program(made, steps, what):
    """Return the side of a program of ours: a network, an optimizer and data."""
    batches = [made.batch(s) for s in range(steps)]
    recipe = Recipe(
        in_a_row(made.network, made.weights),
        form_of(made.optimizer),
        tuple(x for x, _ in batches),
        tuple(t for _, t in batches),
    )
    shapes = tuple(w.shape for w in made.weights)
    numbers = numbers_of(recipe.optimizer)
    return Side("step", what, recipe, shapes, tuple(made.weights), tuple(batches), None, numbers)


def in_a_row(network, weights):
    """Return a network of the books as layers in a row, others as they are.

    Its weights keep their names.
    """
    m = trees.reference()
    if isinstance(network, m.Sequential):
        values = {f.name: getattr(network, f.name) for f in fields(network)}
        return RowForm(**values)
    hidden = {m.OneLayer: 0, m.TwoLayer: 1, m.Multilayer: len(weights) // 2 - 1}
    if type(network) not in hidden:
        return network
    units = [w.shape[-1] for w in weights[::2]]
    layers = [m.Dense(n, activation=network.hidden) for n in units[:-1]]
    layers.append(m.Dense(units[-1]))
    inputs = (weights[0].shape[-2],)
    return RowForm(inputs, tuple(layers), network.output, named=network.weight_names)


def matrix(array, shape):
    """Return a weight as ``refimpl`` has it, a matrix."""
    return np.reshape(array, (prod(shape[:-1]), shape[-1]) if shape else (1, 1))


__all__ = ["Side", "matrix", "of_optimizer", "of_pair", "of_program", "replace"]
