"""Keras's side as a recipe: of an optimizer, or of a row of ours by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from math import prod

import numpy as np

from equivalence import trees
from equivalence.diagnose.forms.layers import Masked, SelfAttention
from equivalence.diagnose.forms.optimizers import form_of
from equivalence.diagnose.forms.outputs import ActivationAlone, LossAlone, RowForm
from equivalence.diagnose.recipe import Recipe
from equivalence.errors import BadInput

SHAPES = ((3, 4), (4,))  # of weights, where nobody says
SAMPLES = 4  # of data of our own


@dataclass(frozen=True)
class Side:
    """Keras's formulas, and what somebody's step is called with.

    kind: "optimizer", "step", ...; what: how to call Keras's object in a sentence.
    shapes: of the weights as Keras has them; start: their values.
    given: what is given to the step behind the weights, a tuple for each step.
    confirm: asks Keras's object for its own numbers, an ``upstream.Own``; None where there is
        no such object.
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


def own_gradients(shapes, steps, powers=(-5, 0)):
    """Return gradients of both signs whose magnitudes lie between two powers of ten."""
    rng = np.random.default_rng(0)
    draw = lambda shape: rng.choice((-1.0, 1.0), shape) * 10 ** rng.uniform(*powers, shape)
    return [[draw(shape) for shape in shapes] for _ in range(steps)]


def _by_step(gradients, weights):
    """Return a list of lists of arrays of what was given as gradients.

    A dict has an array with an axis of steps for each weight.
    """
    if isinstance(gradients, Mapping):
        lengths = {len(g) for g in gradients.values()}
        if len(lengths) != 1:
            shown = ", ".join(f"{k} {np.shape(g)}" for k, g in gradients.items())
            raise BadInput(f"gradients of different numbers of steps: {shown}")
        return [list(step) for step in zip(*gradients.values())]
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


def of_pair(name, x=None, y=None, steps=None, batch_size=None):
    """Return the side of a row of ours, on its own data or on others."""
    from equivalence.pairs.table import find
    from equivalence.steps.program import program

    made = program(find(name), "float64")
    if type(made.network).__name__ == "GivenGradients":
        network = made.network
        if x is not None:
            return of_optimizer(made.optimizer, x, None, steps, f"the row {name}")
        flat = [made.batch(s)[0] for s in range(steps or 10)]
        reshape = lambda arrays: [a.reshape(s) for a, s in zip(arrays, network.shapes)]
        gradients = [reshape(network.gradients(row)) for row in flat]
        return of_optimizer(
            made.optimizer, gradients, reshape(made.weights), None, f"the row {name}"
        )
    if x is None:
        given = tuple(made.batch(s) for s in range(steps or 10))
    else:
        x, y = two_axes(x), two_axes(y)
        if len(x) != len(y):
            raise BadInput(f"x has {len(x)} samples, {x.shape}, and y {len(y)}, {y.shape}")
        given = batches(x, y, batch_size or len(x), steps or 10)
    return of_program(made, given, f"the row {name}")


def batches(x, y, size, steps):
    """Return (x, y) of so many steps, in order; the last batch of an epoch has what is left."""
    starts = range(0, len(x), size)
    return tuple(
        (x[at : at + size], y[at : at + size])
        for at in (starts[s % len(starts)] for s in range(steps))
    )


def batches_of(x, y, size, steps):
    """Return (x, y) of so many steps as ``batches`` does, of one array or of several each.

    x, y: an array, or a dict or tuple of arrays.
    """
    counts = {len(a) for a in arrays_in((x, y))}
    if len(counts) != 1 or 0 in counts:
        shown = ", ".join(str(a.shape) for a in arrays_in((x, y)))
        raise BadInput(f"x and y must have as many samples each, one at least; they are {shown}")
    (count,) = counts
    size = size or count
    starts = range(0, count, size)
    ats = [starts[s % len(starts)] for s in range(steps)]
    cut = lambda data, at: mapped(lambda a: a[at : at + size], data)
    return tuple((cut(x, at), cut(y, at)) for at in ats)


def arrays_in(data):
    """Return the arrays of one, or of a dict by its keys, or of a tuple, in order."""
    if isinstance(data, dict):
        return [a for key in sorted(data) for a in arrays_in(data[key])]
    return [a for each in data for a in arrays_in(each)] if isinstance(data, tuple) else [data]


def mapped(function, *data):
    """Return what a function gives of one array of each, of those in dicts and tuples likewise."""
    first, *_ = data
    if isinstance(first, dict):
        return {key: mapped(function, *(each[key] for each in data)) for key in first}
    if isinstance(first, tuple):
        return tuple(mapped(function, *each) for each in zip(*data))
    return function(*data)


def side_by_side(data):
    """Return the arrays of some data flat and side by side, (samples, numbers)."""
    flat = [np.asarray(a, np.float64).reshape(len(a), -1) for a in arrays_in(data)]
    return np.concatenate(flat, axis=1)


def of_program(made, given, what):
    """Return the side of a program of ours: a network and an optimizer, on a batch a step."""
    recipe = Recipe(
        in_a_row(made.network, made.weights),
        form_of(made.optimizer),
        tuple(x for x, _ in given),
        tuple(t for _, t in given),
    )
    shapes = tuple(w.shape for w in made.weights)
    numbers = numbers_of(recipe.optimizer)
    return Side("step", what, recipe, shapes, tuple(made.weights), given, None, numbers)


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


# ----------------------------------------------------------------------- one part alone


def of_schedule(twin, what, steps=None):
    """Return the side of a schedule: descent of a gradient of 1, so that updates are -rate."""
    m, ones = trees.reference(), tuple(np.ones((1, 1)) for _ in range(steps or 10))
    recipe = Recipe(m.GivenGradients(((),)), form_of(m.SGD(twin)), ones, ones)
    return Side("schedule", what, recipe, ((1, 1),), (np.zeros((1, 1)),), ones)


def of_loss(output, what, x=None, y=None, logits=False):
    """Return the side of a loss, as the end of a network: x are outputs, y targets.

    Without any there are three sets of our own.
    """
    given = ((x, y),) if x is not None else own_outputs(what, logits)
    given = tuple((two_axes(o), two_axes(t)) for o, t in given)
    targets = tuple(t for _, t in given)
    recipe = Recipe(LossAlone(output), None, targets, targets)
    return Side("loss", what, recipe, (given[0][0].shape,), (given[0][0],), given)


def of_activation(twin, x=None, yb=None):
    """Return the side of an activation: x goes in, yb flows back."""
    rng = np.random.default_rng(0)
    x = 2 * rng.normal(size=(SAMPLES, 3)) if x is None else two_axes(x)
    yb = rng.normal(size=x.shape) if yb is None else np.asarray(yb, np.float64).reshape(x.shape)
    recipe = Recipe(ActivationAlone(twin), None, (yb,), (yb,))
    return Side("activation", twin.name, recipe, (x.shape,), (x,), ((x, yb),))


def of_layer(twin, weights, x, yb, what):
    """Return the side of a layer with its weights: x goes in, yb flows back."""
    x = np.asarray(x, np.float64)
    if isinstance(twin, trees.reference().MultiHeadAttention):
        twin = SelfAttention(twin, softmax=twin.softmax)
    if isinstance(twin, trees.reference().Dropout):
        return of_dropout(twin, x, yb, what)
    network = trees.reference().Alone(x.shape[1:], twin, len(x))
    shape = (len(x), *network.built.output_shape)
    yb = np.random.default_rng(0).normal(size=shape) if yb is None else np.asarray(yb, np.float64)
    if yb.shape != shape:
        raise BadInput(f"y flows back to the layer's outputs, {shape}, and is {yb.shape}")
    flat = yb.reshape(len(x), -1)
    recipe = Recipe(network, None, (flat,), (flat,))
    weights = tuple(np.asarray(w, np.float64) for w in weights)
    shapes = tuple(w.shape for w in weights)
    return Side("layer", what, recipe, shapes, weights, ((x, yb),))


def of_dropout(twin, x, yb, what):
    """Return the side of a dropout whose mask is given to yours as its one weight."""
    rng = np.random.default_rng(0)
    mask = (rng.random(x.shape) >= twin.rate) * 1.0
    yb = rng.normal(size=x.shape) if yb is None else np.asarray(yb, np.float64).reshape(x.shape)
    network = trees.reference().Alone(x.shape[1:], Masked(twin.rate, mask), len(x))
    flat = yb.reshape(len(x), -1)
    recipe = Recipe(network, None, (flat,), (flat,))
    return Side("layer", what, recipe, (), (mask,), ((x, yb),))


def of_twin(twin, x=None, y=None, weights=None, steps=None):
    """Return the side of an object of ``refimpl``: an optimizer, loss, activation, layer."""
    what, room = type(twin).__name__, type(twin).__module__.split(".")[1]
    if room == "optimizers":
        return of_optimizer(twin, x, weights, steps, what)
    if room == "losses":
        output = trees.reference().Output(loss=twin)
        return of_loss(output, what, x, y, "Logits" in what)
    if room == "activations":
        return of_activation(twin, x, y)
    if room == "schedules":
        return of_schedule(twin, what, steps)
    if room == "layers":
        if x is None:
            raise BadInput(f"give the inputs of the layer {what} as x: they say its shapes")
        shape, m = np.shape(x)[1:], trees.reference()
        shapes = twin.build((shape,) * 2 if isinstance(twin, m.MultiHeadAttention) else shape)
        shapes = shapes.weight_shapes
        if weights is None:
            rng = np.random.default_rng(1)
            weights = [rng.normal(size=shape) * 0.5 for shape in shapes]
        return of_layer(twin, weights, x, y, what)
    raise BadInput(f"{what} is no part of a training step: bring a layer, an optimizer, a loss")


def two_axes(array):
    array = np.asarray(array, np.float64)
    return array.reshape(-1, 1) if array.ndim < 2 else array.reshape(-1, array.shape[-1])


def own_outputs(name, logits):
    """Return three sets of outputs and targets as a loss takes them."""
    rng, found = np.random.default_rng(0), []
    for _ in range(3):
        o, t = rng.normal(size=(SAMPLES, 3)), rng.normal(size=(SAMPLES, 3))
        classes = rng.integers(3, size=SAMPLES)
        if "Categorical" in name or name == "KLDivergence":
            t = np.eye(3)[classes]
            o = o if logits else np.exp(o) / np.exp(o).sum(-1, keepdims=True)
        elif "Binary" in name or name in ("Dice", "Tversky"):
            t = (t > 0).astype(float)
            o = o if logits else 1 / (1 + np.exp(-o))
        elif "Hinge" in name:
            t = np.sign(t)
        elif name in ("Poisson", "MeanSquaredLogarithmicError", "MeanAbsolutePercentageError"):
            o, t = np.exp(o), np.exp(t)
        found.append((o, classes[:, None].astype(float) if name.startswith("Sparse") else t))
    return tuple(found)


def matrix(array, shape):
    """Return a weight as ``refimpl`` has it, a matrix."""
    return np.reshape(array, (prod(shape[:-1]), shape[-1]) if shape else (1, 1))
