"""One training step: forward, error, backward, update."""

from typing import Any, NamedTuple


class Step(NamedTuple):
    """Everything that one step computes; tuples in the order of their names.

    ``slots`` holds one tuple of slots for each weight.
    """

    activations: tuple
    error: Any
    gradients: tuple
    weights: tuple
    slots: tuple


def build_slots(optimizer, weights):
    """Return the optimizer's slots before the first step, a tuple for each weight."""
    return tuple(optimizer.build_all(weight) for weight in weights)


def train_step(network, optimizer, weights, slots, step, inputs, targets):
    """Take one step from ``weights`` and ``slots``; ``step`` counts from 1."""
    activations, error, gradients = network.propagate(weights, inputs, targets)  # (1)
    gradients = optimizer.scale_loss(gradients, slots)  # (2)
    weights, slots = optimizer.apply(weights, gradients, slots, step)  # (3)
    return Step(activations, error, gradients, weights, slots)
