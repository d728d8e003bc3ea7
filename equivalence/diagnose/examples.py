"""A small example of every cause: what Keras's formula gives, and what yours does.

A cause's example is the first of ``sides`` whose recipe it can change, and a step that follows
each exactly; the number that differs most, relative to what Keras's formula has there, is shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from equivalence import trees
from equivalence.diagnose import sides
from equivalence.diagnose.forms.graphs import ERROR, Call, End, GraphForm, Part
from equivalence.diagnose.forms.layers import Activated
from equivalence.diagnose.forms.optimizers import form_of
from equivalence.diagnose.forms.outputs import RowForm
from equivalence.diagnose.recipe import Recipe, Seen, brought, state_names
from equivalence.diagnose.telling import as_if
from refimpl.layers.layer import Layer

STEPS = 3  # of every example
TINY = 1e-12  # what is smaller is rounding


@dataclass(frozen=True)
class Example:
    """Two numbers of one place, and where that is.

    of: what was run, in words; step: counted from 1; what: the kind of number and its tensor.
    """

    of: str
    step: int
    what: str
    yours: float
    keras: float

    @property
    def ratio(self):
        return self.yours / self.keras if self.keras else np.inf


def optimizers():
    """Yield optimizers of ``refimpl`` whose options each concern some cause."""
    m = trees.reference()
    falling = m.ExponentialDecay(0.1, 2.0, 0.5)
    yield from (m.SGD(0.01), m.Momentum(0.01, 0.9), m.Nesterov(0.01, 0.9), m.SGD(falling))
    yield from (m.Momentum(falling, 0.9), m.Adam(), m.AMSGrad(), m.AdamW(weight_decay=0.1))
    yield from (m.RMSprop(), m.RMSpropCentered(), m.Adagrad(), m.Adadelta(), m.Adamax())
    yield from (m.Nadam(), m.Lion(), m.SGD(0.01, clipnorm=0.5), m.SGD(0.01, global_clipnorm=0.5))
    yield from (m.Adam(epsilon=1e-3), m.RMSprop(epsilon=1e-3), m.Adamax(epsilon=1e-3))
    yield from (m.Adam(0.01, 0.8, 0.97), m.Momentum(0.01, 0.8), m.SGD(0.01, clipvalue=0.05))
    yield m.SGD(m.PolynomialDecay(0.1, 5.0, 0.02, 2.0))


def losses():
    """Yield losses of ``refimpl``."""
    m = trees.reference()
    yield from (m.MeanSquaredError(), m.MeanAbsoluteError(), m.BinaryCrossentropy())
    yield from (m.CategoricalCrossentropyFromProbabilities(), m.Huber(0.5))
    yield m.CategoricalCrossentropyFromProbabilities(label_smoothing=0.1)
    yield m.BinaryFocalCrossentropy()


def layers():
    """Yield (layer of ``refimpl``, shape of its inputs)."""
    m = trees.reference()
    flat, places, steps = (4, 3), (2, 6, 6, 2), (2, 4, 3)
    yield from ((m.Dense(3), flat), (m.Dense(2), flat), (m.BatchNormalization(), flat))
    yield m.BatchNormalization(momentum=0.9), flat
    yield from ((m.LayerNormalization(), flat), (m.LayerNormalization(), steps))
    yield from ((m.Conv2D(2, 3, strides=2, padding="same"), places), (m.Conv2D(2, 3), places))
    yield from ((m.Conv2DTranspose(2, 3, strides=2, padding="same"), places),)
    yield from ((m.MaxPooling2D(2), places), (m.AveragePooling2D(3, 2, "same"), places))
    yield from ((m.LSTM(3), steps), (m.GRU(3), steps), (m.GRU(3, reset_after=False), steps))
    yield from ((m.Dropout(0.25), flat), (m.MultiHeadAttention(2, 3), steps))


def activations():
    """Yield activations of ``refimpl``."""
    m = trees.reference()
    yield from (m.Sigmoid(), m.Tanh(), m.ReLU(), m.Softmax(), m.HardSigmoid(), m.GELU())
    yield from (m.GELUTanh(), m.LeakyReLU(0.1), m.GeneralReLU(), m.ELU(), m.SoftShrink())


def networks():
    """Yield (layers, output, optimizer) of networks of ``refimpl``."""
    m = trees.reference()
    hidden = m.Dense(3, activation=m.Sigmoid())
    square = m.Output(m.Sigmoid(), m.MeanSquaredError())
    yield (hidden, m.Dense(3)), m.SoftmaxOutput(), m.SGD(0.1)
    yield (hidden, m.Dense(3)), square, m.SGD(0.1)
    yield (hidden, m.Dense(3)), m.Output(m.Linear(), m.MeanAbsoluteError()), m.SGD(0.1)
    yield (hidden, m.Dense(1)), m.SigmoidOutput(), m.SGD(0.1)
    penalised = m.Dense(3, kernel_regularizer=m.L2(0.1))
    yield (m.Dense(3, activation=m.ReLU()), penalised), square, m.SGD(0.1)
    sparse = m.Dense(3, kernel_regularizer=m.L1(0.1))
    yield (m.Dense(3, activation=m.ReLU()), sparse), square, m.SGD(0.1)
    yield (hidden, m.Dense(3)), square, m.SGD(m.ExponentialDecay(0.1, 2.0, 0.5))


@cache
def all_sides():
    """Return (what it is in words, its Side) of every example."""
    return tuple(_sides())


def _sides() -> Iterator:
    rng = np.random.default_rng(3)
    for optimizer in optimizers():
        gradients = sides.own_gradients(((2, 2), (2,)), STEPS, (-2, 0))
        yield type(optimizer).__name__, sides.of_twin(optimizer, gradients)
    yield "SGD behind a step that clips", behind_clipping()
    for layer, shape in layers():
        x = rng.normal(size=shape)
        x = np.round(2 * x) if "Pooling" in type(layer).__name__ else x
        yield type(layer).__name__, sides.of_twin(layer, x)
    for activation in activations():
        x = np.concatenate([np.zeros((1, 3)), 2 * rng.normal(size=(3, 3))])
        yield type(activation).__name__, sides.of_twin(activation, x)
    for loss in losses():
        yield type(loss).__name__, sides.of_twin(loss)
    for stack, output, optimizer in networks():
        yield "a network of two layers", network_side(stack, output, optimizer, rng)
    for own in (False, True):
        yield "a graph of layers", graph_side(own, rng)


def behind_clipping():
    """Return the side of descent by gradients that a step cuts off at 0.1."""
    gradients = sides.own_gradients(((2, 2), (2,)), STEPS, (-2, 0))
    side = sides.of_twin(trees.reference().SGD(0.01), gradients)
    cut = lambda variables, gradients: [np.clip(g, -0.1, 0.1) for g in gradients]
    form = replace(side.recipe.optimizer, before=cut)
    return replace(side, recipe=side.recipe.with_(optimizer=form))


def network_side(layers, output, optimizer, rng):
    """Return the side of layers in a row on seven samples, three a step."""
    network = RowForm((3,), layers, output)
    shapes = tuple(s for layer in network.built for s in layer.weight_shapes)
    start = tuple(rng.normal(size=shape) for shape in shapes)
    x, units = 2 * rng.normal(size=(7, 3)), layers[-1].units
    t = np.eye(3)[rng.integers(3, size=7)] if units > 1 else np.ones((7, 1)) * (x[:, :1] > 0)
    given = sides.batches(x, t, 3, 6)
    recipe = Recipe(network, form_of(optimizer), *map(tuple, zip(*given)))
    return sides.Side("step", "network", recipe, shapes, start, given)


@dataclass(frozen=True)
class Cubes(Layer):
    """A loss of one's own, as a layer of outputs and targets."""

    def forward(self, weights, x):
        return np.mean(np.abs(x[0] - x[1]) ** 3).reshape(()), x

    def backward(self, weights, kept, yb):
        apart = kept[0] - kept[1]
        return (yb * 3 * apart * np.abs(apart) / apart.size, None), ()


def graph_side(own, rng):
    """Return the side of a shared layer, a skip, and two outputs, or a loss of one's own."""
    m, both = trees.reference(), ((3,), (3,))
    made = {"shared": m.Dense(3, activation=m.Tanh()), "one": m.Dense(2), "two": m.Dense(2)}
    moves = {"minus": m.Subtract().build(both), "add": m.Add().build(both)}
    parts = [Part(n, d.build((3,)), (2 * k, 2 * k + 1)) for k, (n, d) in enumerate(made.items())]
    parts += [Part(name, layer) for name, layer in moves.items()]
    parts += [Part("relu", Activated(m.ReLU()).build((3,))), Part("loss", Cubes())]
    calls = [
        Call("shared", "shared", ("input1",), ("a",)),
        Call("shared (call 2)", "shared", ("input2",), ("b",)),
        Call("minus", "minus", ("a", "b"), ("c",), True),
        Call("add", "add", ("c", "a"), ("d",), True),
        Call("relu", "relu", ("d",), ("e",)),
        Call("one", "one", ("e",), ("f",)),
        Call("two", "two", ("e",), ("g",)),
    ]
    calls += [Call("loss", "loss", ("f", "target1"), (ERROR,))] if own else []
    ends = (End("f", "f", "target1", m.Output(), 0.5), End("g", "g", "target2", m.Output(), 2.0))
    names = tuple(f"{name}.{w}" for name in made for w in ("kernel", "bias"))
    shapes = tuple(shape for part in parts for shape in part.layer.weight_shapes)
    inputs, targets = (("input1", (3,)), ("input2", (3,))), (("target1", (2,)), ("target2", (2,)))
    given = (inputs, targets, tuple(parts), tuple(calls), () if own else ends, names, shapes)
    start = tuple(rng.normal(size=shape) for shape in shapes)
    batches = sides.batches(rng.normal(size=(7, 6)), rng.normal(size=(7, 4)), 7, STEPS)
    recipe = Recipe(GraphForm(*given), form_of(m.SGD(0.1)), *map(tuple, zip(*batches)))
    return sides.Side("step", "network", recipe, shapes, start, batches)


def seen_of(side):
    """Return a Seen that asks for all that a side's kind has."""
    names = side.recipe.network.weight_names
    blank = (dict.fromkeys(names, 0.0),)
    states = dict.fromkeys(state_names(side.recipe.network), 0.0)
    if side.kind in ("optimizer", "step"):
        return Seen((), loss=(0.0,) * (side.kind == "step"))
    if side.kind == "loss":
        return Seen((), blank, (0.0,), moves=False)
    return Seen((), blank, (), ({"outputs": 0.0} | states,), moves=False)


@cache
def of_keras(place):
    """Return (side, its Seen, its recipe, what Keras's formula gives) of an example."""
    _, side = all_sides()[place]
    seen = seen_of(side)
    recipe = side.recipe.with_(sees=("loss", "states", "float32"))
    given = brought(as_if(recipe, side, seen), recipe.network.weight_names)
    return side, seen, recipe, given


def example_of(variant):
    """Return the Example of a cause, None where none of ``sides`` shows it."""
    for place, (words, _) in enumerate(all_sides()):
        side, seen, recipe, keras = of_keras(place)
        for _, changed in variant.change(recipe):
            yours = brought(as_if(changed, side, seen), recipe.network.weight_names)
            found = farthest(words, yours, keras)
            if found:
                return found
    return None


def farthest(words, yours, keras):
    """Return the Example of the number that differs most in the first step that differs."""
    for step in range(max(map(len, keras.values()))):
        best = None
        for (stage, name), of_steps in keras.items():
            if step >= len(of_steps):
                continue
            a, b = (
                np.asarray(v, np.float64).ravel()
                for v in (yours[stage, name][step], of_steps[step])
            )
            off = np.abs(a - b) / max(float(np.max(np.abs(b), initial=0)), 1e-300)
            if (
                off.size
                and np.max(np.abs(b)) > TINY < off.max()
                and (best is None or off.max() > best[0])
            ):
                at = int(np.argmax(off))
                best = float(off.max()), _kind(stage, name), float(a[at]), float(b[at])
        if best:
            return Example(words, step + 1, *best[1:])
    return None


def _kind(stage, name):
    words = {"weights": "the update of", "gradients": "the gradient of", "loss": "the loss"}
    if stage == "loss":
        return words[stage]
    return f"{words.get(stage, 'the')} {name}"
