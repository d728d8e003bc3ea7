"""What every network has, and what its way forward and back gives."""

from typing import Any, ClassVar, NamedTuple

import tensorflow as tf


class Propagation(NamedTuple):
    """What ``propagate`` returns, in the order of the names."""

    activations: tuple
    error: Any
    gradients: tuple
    flows: tuple = ()
    states: tuple = ()


class Network:
    """A network: the tape goes back what ``forward`` went."""

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
    return tuple(tf.stack(noted[name], axis=-2) for name in layer.letter_names)
