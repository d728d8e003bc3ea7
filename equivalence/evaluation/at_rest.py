"""A network as it is when nothing is trained: what ``evaluate`` and ``predict`` ask.

Dropout and noise hand on what they get, and batch normalization takes its moving statistics.
"""

from copy import copy
from dataclasses import is_dataclass, replace

from equivalence import trees
from equivalence.errors import BadInput

# What a layer with such an option does otherwise when nothing is trained, inside of itself.
INSIDE = ("dropout", "recurrent_dropout")


def at_rest(network):
    """Return the network with every layer at rest; raise BadInput for one that cannot be."""
    if not hasattr(network, "built"):
        return network
    found = copy(network)
    found.__dict__["built"] = tuple(map(_rested, network.built))
    return found


def _rested(entry):
    """Return a layer at rest, or an entry (name, layer, sources) of a graph with it."""
    if isinstance(entry, tuple):
        name, layer, sources = entry
        return name, Rested(layer), sources
    return Rested(entry)


def _passes_on(layer):
    """Whether a layer only drops or disturbs what flows through it."""
    m = trees.reference()
    base = m.Dropout, m.AlphaDropout, m.GaussianNoise, m.GaussianDropout
    return isinstance(layer, base)


class Rested:
    """A layer that does at rest what it does; all else is the layer's."""

    def __init__(self, layer):
        self.layer = layer
        inside = layer
        while inside is not None:
            if any(getattr(inside, option, 0) for option in INSIDE):
                kind = type(inside).__name__
                raise BadInput(f"a layer {kind} that drops is not evaluated here")
            inside = getattr(inside, "layer", None) if is_dataclass(inside) else None

    def __getattr__(self, name):
        return getattr(self.layer, name)

    def forward(self, weights, x, *mask):
        if _passes_on(self.layer):
            return x, None
        layer = self.layer
        if getattr(layer, "training", False):
            layer = replace(layer, training=False)
        return layer.forward(weights, x, *mask)


def forward(network, weights, states, inputs, targets):
    """Return the outputs (..., batch, units) and the error of a network at rest."""
    if not hasattr(network, "built"):
        passed = network.propagate(weights, inputs, targets, *states)
        return passed.activations[-1], passed.error
    activations, kept = network.forward(weights, inputs, *states)
    error = network.output.error(*activations[-2:], targets)
    penalties = network.penalties(weights, *(states or ((),)), kept)
    return activations[-1], sum(penalties, error)
