"""One training step: forward, error, backward, update."""

from typing import Any, NamedTuple


class Step(NamedTuple):
    """Everything that one step computes; tuples in the order of their names.

    ``flows`` are gradients of activations, as they go back from layer to layer.
    ``slots`` holds one tuple of slots for each weight, and behind them a tuple of the
    network's states, if it has any.
    """

    activations: tuple
    error: Any
    flows: tuple
    gradients: tuple
    weights: tuple
    slots: tuple


def build_slots(optimizer, weights, states=()):
    """Return the optimizer's slots before the first step, a tuple for each weight.

    Behind them comes a tuple of the network's own states, if it has any.
    """
    slots = tuple(optimizer.build_all(weight) for weight in weights)
    return (*slots, states) if states else slots


def train_step(network, optimizer, weights, slots, step, inputs, targets):
    """Take one step from ``weights`` and ``slots``; ``step`` counts from 1."""
    slots, states = slots[: len(weights)], slots[len(weights) :]
    points = optimizer.points(weights, slots)  # (1)
    passed = network.propagate(points, inputs, targets, *states)  # (2)
    gradients = optimizer.scale_loss(passed.gradients, slots)  # (3)
    weights, slots = optimizer.apply(weights, gradients, slots, step)  # (4)
    weights = network.constrained(weights)  # (5)
    states = (passed.states,) if states else ()
    way = passed.activations, passed.error, passed.flows
    return Step(*way, gradients, weights, (*slots, *states))
