"""What every network has, and what its way forward and back gives."""

from typing import Any, ClassVar, NamedTuple

import numpy as np


class Propagation(NamedTuple):
    """What ``propagate`` returns.

    activations: in the order of ``activation_names``.
    error: E, of the shape of the leading axes.
    gradients: of the weights, in the order of ``weight_names``.
    flows: gradients of activations, in the order of ``flow_names``.
    states: after the step, in the order of ``state_names``.
    """

    activations: tuple
    error: Any
    gradients: tuple
    flows: tuple = ()
    states: tuple = ()


class Network:
    """A network: ``forward`` takes weights and inputs, ``propagate`` goes back as well.

    weight_names, activation_names: what the tuples hold, in order.
    flows_to: the activations whose gradients flow back from layer to layer, in the order in
        which they do; ``flow_names`` are theirs, as the book writes them, with a b behind.
    state_names: numbers that a step changes without a gradient.
    sparse_names: the weights whose gradients Keras has in parts, as a ``tf.IndexedSlices``.
    input_names: of the inputs, where there are several or where they are weights.
    sums: the activations that are the output of one, each with what went into it.
    letters: of a layer with a loop over time the activations inside, (..., batch, time
        steps, units), as steps are taken: "lstm1" -> ("lstm1.c", "lstm1.h").
    shares: the same of weights of whose gradients each time step has a share, (..., time
        steps, rows, columns), which is a flow: "lstm1" -> ("lstm1.kernel", ...).
    """

    weight_names: ClassVar[tuple] = ()
    activation_names: ClassVar[tuple] = ()
    flows_to: ClassVar[tuple] = ()
    state_names: ClassVar[tuple] = ()
    sparse_names: ClassVar[tuple] = ()
    input_names: ClassVar[tuple] = ()
    sums: ClassVar[dict] = {}
    letters: ClassVar[dict] = {}
    shares: ClassVar[dict] = {}

    @property
    def flow_names(self):
        return tuple(f"{name}b" for name in self.flows_to)

    @property
    def end(self):
        """What ends the network, an activation and a loss, or None."""
        return vars(self).get("output")

    def held(self, weights, inputs, *states):
        """Return what the error takes as constant though it hangs on weights, or None."""
        return None

    def start_states(self):
        """Return the states before the first step."""
        return ()

    def constrained(self, weights):
        """Return the weights as the constraints of the layers leave them."""
        return tuple(weights)


def behind(label, names):
    """Return names behind a layer's label."""
    return tuple(f"{label}.{name}" for name in names)


def letters_of(layer, kept):
    """Return what a layer noted, (..., batch, time steps, units) each, of what it kept."""
    noted = layer.noted(kept)
    return tuple(np.stack(noted[name], axis=-2) for name in layer.letter_names)
