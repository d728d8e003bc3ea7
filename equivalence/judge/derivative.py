"""Whether a backward is the derivative of its forward: exact differentiation.

Over exact balls of 512 bits a central difference with the step 2**-128 leaves an error of
2**-256 times a sixth of the third derivative: to 60 digits it is the derivative.  So it
needs no formula but the forward pass, and tells a wrong backward from a wrong TensorFlow.

Along one line through the weights it costs two forward passes, whatever the number of
weights.  Where the line's direction is drawn at random, a gradient that is not the
derivative gives another number along it, but for directions of measure 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb

from equivalence.arithmetic.exact import ExactArray, precision
from equivalence.steps.program import Program

BITS = 512
STEP = arb(2) ** -128
AGREE = arb(10) ** -60
SMALLEST = arb(10) ** -20  # of a gradient that is 0 throughout
# Products of a weight and a sample that one forward pass may cost: a few seconds.
MOST_WORK = 200_000
# How far from a row's own start the gradients are tried, as a share of the weights: a start of
# zeros, or equal numbers in a window, lies at a kink, where there is no derivative.
AWAY = 2.0**-4


@dataclass(frozen=True)
class Departure:
    """A weight along which a backward is not the derivative, and both numbers there."""

    weight: str
    backward: float
    derivative: float

    def __str__(self) -> str:
        return (
            "its backward is not the derivative of its forward (along a line through "
            f"{self.weight} backward gives {self.backward:.12g}, the derivative is "
            f"{self.derivative:.12g})"
        )


def differentiate(function: Callable[[ExactArray], Any], x: ExactArray) -> ExactArray:
    """Return the gradient of ``function`` at the ExactArray x.

    function: (..., *shape of x) -> (...), evaluated at all shifted points at once.
    """
    count = x.values.size
    shifts = ExactArray(np.eye(count).reshape(count, *x.shape)) * ExactArray(STEP)
    ahead, behind = function(x + shifts), function(x - shifts)
    return ExactArray(((ahead - behind).values / (2 * STEP)).reshape(x.shape))


class Tangent:
    """The gradients of a network at one place, and the derivatives along lines through it.

    To be made and asked within ``precision(BITS)``.  What a network holds while it moves its
    weights (``held``: the labels of its clusters, a target of its own) is held here too.

    weights, states: arrays in the order of the network's names.
    """

    def __init__(self, network, weights, inputs, targets, states=()) -> None:
        self.network = network
        self.weights = tuple(map(ExactArray, weights))
        self.inputs, self.targets = ExactArray(inputs), ExactArray(targets)
        self.states = (tuple(map(ExactArray, states)),) if len(states) else ()
        own = self.weights, self.inputs, self.targets, *self.states
        self.gradients = network.propagate(*own)[2]
        self.held = network.held(self.weights, self.inputs, *self.states)

    def error(self, k: int, weight: ExactArray) -> Any:
        """Return the error with the k-th weight replaced; (..., *shape) -> (...)."""
        lead = weight.shape[:-2]
        every = tuple(
            weight if j == k else _repeated(other, lead) for j, other in enumerate(self.weights)
        )
        data = _repeated(self.inputs, lead), _repeated(self.targets, lead)
        states = tuple(_repeated(s, lead) for s in self.states)
        if self.held is None:
            return self.network.propagate(every, *data, *states)[1]
        return self.network.error(every, data[0], _repeated(self.held, lead), *states)

    def along(self, k: int, direction: np.ndarray) -> tuple[arb, arb, arb]:
        """Return, of the k-th weight along a direction, what backward says and what is true.

        The third number is the sum of the magnitudes of backward's terms.
        """
        shift = ExactArray(np.stack([direction, -direction])) * ExactArray(STEP)
        ahead, behind = np.ravel(self.error(k, self.weights[k] + shift).values)
        terms = (self.gradients[k] * ExactArray(direction)).values.ravel()
        return sum(terms, arb(0)), (ahead - behind) / (2 * STEP), sum(map(abs, terms), arb(0))


def _repeated(arrays: Any, lead: tuple[int, ...]) -> Any:
    """Return an array, or a tuple of them, repeated along leading axes."""
    if isinstance(arrays, tuple):
        return tuple(_repeated(array, lead) for array in arrays)
    return np.broadcast_to(arrays, (*lead, *arrays.shape))


_known: dict[tuple, Departure | None] = {}


def departure(program: Program) -> Departure | None:
    """Return where the backward of a program's network is not the derivative, or None.

    Tried at a place near the program's start, once for each network and its shapes.
    """
    shapes = tuple(w.shape for w in program.weights), program.inputs.shape, program.targets.shape
    key = type(program.network), repr(program.network), shapes
    if key not in _known:
        _known[key] = _departure(program)
    return _known[key]


def _departure(program: Program) -> Departure | None:
    rng = np.random.default_rng(0)
    weights = [_moved(np.asarray(w, np.float64), rng) for w in program.weights]
    inputs, targets = program.batch(0)
    samples = max(1, MOST_WORK // max(1, sum(w.size for w in weights)))
    if samples < len(inputs):
        inputs, targets = inputs[:samples], targets[:samples]
    start = program.start()
    states = [start.slots[name] for name in program.layout.states]
    with precision(BITS):
        tangent = Tangent(program.network, weights, inputs, targets, states)
        for k, name in enumerate(program.layout.weights):
            backward, true, magnitude = tangent.along(k, rng.normal(size=weights[k].shape))
            if abs(backward - true) > AGREE * (magnitude + abs(true) + SMALLEST):
                return Departure(name, float(backward.mid()), float(true.mid()))
    return None


def _moved(weight: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a weight a little away from where it is, in no special direction."""
    size = float(np.max(np.abs(weight), initial=0)) or 1.0
    return weight + AWAY * size * rng.normal(size=weight.shape)


def true_gradient(program: Program, trajectory, step: int, weight: str, index: tuple) -> float:
    """Return the derivative of the error by one element of a weight, from TensorFlow's state.

    step: of the trajectory, counted from its first.
    """
    layout = program.layout
    weights = [trajectory.before("weights")[name][step] for name in layout.weights]
    slots = {name: slot[step] for name, slot in trajectory.before("slots").items()}
    states = [slots[name] for name in layout.states]
    k = layout.weights.index(weight)
    direction = np.zeros(weights[k].shape)
    direction[index] = 1
    of_weights = layout.slot_tuples(slots)[: len(weights)]
    inputs, targets = program.batch(trajectory.first_step + step)
    with precision(BITS):
        exact = [tuple(map(ExactArray, of_weight)) for of_weight in (weights, *of_weights)]
        points = program.optimizer.points(exact[0], exact[1:])
        tangent = Tangent(program.network, [p.values for p in points], inputs, targets, states)
        return float(tangent.along(k, direction)[1].mid())
