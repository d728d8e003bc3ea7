"""One training step: forward, error, backward, update."""

from typing import Any, NamedTuple


class Step(NamedTuple):
    """Everything that one step computes; tuples in the order of their names.

    ``slots`` holds one tuple of slots for each weight, and behind them a tuple of the
    network's states, if it has any.
    """

    activations: tuple
    error: Any
    gradients: tuple
    weights: tuple
    slots: tuple


def build_slots(optimizer, weights, states=()):
    """Return the optimizer's slots before the first step, a tuple for each weight.

    Behind them comes a tuple of the network's own states, if it has any.
    """
    slots = tuple(optimizer.build_all(weight) for weight in weights)
    return (*slots, states) if states else slots


def constrained(network, weights):
    """Return the weights as the constraints of the network's layers leave them."""
    constrain = getattr(network, "constrained", tuple)  # a network without layers has none
    return constrain(weights)


def train_step(network, optimizer, weights, slots, step, inputs, targets):
    """Take one step from ``weights`` and ``slots``; ``step`` counts from 1."""
    slots, states = slots[: len(weights)], slots[len(weights) :]
    activations, error, gradients, *states = network.propagate(
        weights, inputs, targets, *states
    )  # (1)
    gradients = optimizer.scale_loss(gradients, slots)  # (2)
    weights, slots = optimizer.apply(weights, gradients, slots, step)  # (3)
    weights = constrained(network, weights)  # (4)
    return Step(activations, error, gradients, weights, (*slots, *states))
