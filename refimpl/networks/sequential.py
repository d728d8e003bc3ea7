"""Layers in a row, the output of each being the input of the next.

Seed 002 makes such a Sequential by hand; here it also knows the way back.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from refimpl.functions import total
from refimpl.layers.back_through_time import flows_of
from refimpl.networks.network import Network, Propagation, behind, letters_of
from refimpl.networks.output import Output


@dataclass(frozen=True)
class Sequential(Network):
    """inputs -> layers[0] -> ... -> layers[-1] -> output's activation and loss.

    input_shape: of one sample; inputs come flat, (..., batch, numbers).
    layers: each with its own activation, but the last, which is linear.
    """

    input_shape: tuple
    layers: tuple
    output: Any = Output()

    @cached_property
    def built(self):
        """The layers, each built for the output of the one before."""
        built, shape = [], self.input_shape
        for layer in self.layers:
            built.append(layer.build(shape))
            shape = built[-1].output_shape
        return tuple(built)

    @cached_property
    def labels(self):
        """A name for each layer: its class in small letters, and its place from 1."""
        return tuple(
            f"{type(layer).__name__.lower()}{k}" for k, layer in enumerate(self.layers, 1)
        )

    @property
    def weight_names(self):
        return self.names(lambda layer: layer.weight_names)

    @property
    def weight_shapes(self):
        return tuple(shape for layer in self.built for shape in layer.weight_shapes)

    @property
    def state_names(self):
        return self.names(lambda layer: layer.state_names)

    @property
    def sparse_names(self):
        return self.names(lambda layer: layer.sparse_names)

    @property
    def activation_names(self):
        each = ((*self.letters[label], label) for label in self.labels)
        return (*(name for names in each for name in names), "outputs")

    @property
    def flows_to(self):
        """The layers to whose outputs a gradient flows back: behind the first weight."""
        moved, found = False, ()
        for label, layer in zip(self.labels, self.built):
            moved = moved or bool(layer.weight_names)
            inner = *self.letters[label][::-1], *self.shares[label]
            found = (label, *inner, *found) if moved else found
        return found

    @cached_property
    def letters(self):
        layers = zip(self.labels, self.built)
        return {label: behind(label, layer.letter_names) for label, layer in layers}

    @cached_property
    def shares(self):
        layers = zip(self.labels, self.built)
        return {label: behind(label, layer.share_names) for label, layer in layers}

    @property
    def sums(self):
        return {"outputs": self.activation_names[-2]}

    def names(self, of):
        """Return the names ``of`` each layer, behind the layer's label."""
        layers = zip(self.labels, self.built)
        return tuple(f"{label}.{name}" for label, layer in layers for name in of(layer))

    def start_states(self):
        return tuple(state for layer in self.built for state in layer.start_states())

    def of_each(self, weights, states):
        """Return what belongs to each layer: its weights, and its states behind them."""
        weights, states, each = iter(weights), iter(states), []
        for layer in self.built:
            own = tuple(next(weights) for _ in layer.weight_names)
            each.append((*own, *(next(states) for _ in layer.state_names)))
        return each

    def forward(self, weights, inputs, states=()):
        """Return the outputs of all layers, and what each kept for the way back."""
        x = inputs.reshape(*inputs.shape[:-1], *self.input_shape)
        mask, outputs, everything = None, (), ()
        for layer, own in zip(self.built, self.of_each(weights, states)):
            masks = (mask,) if layer.takes_mask else ()
            y, kept = layer.forward(own, x, *masks)  # (1)
            x, mask = y, layer.next_mask(x, mask)  # (2)
            outputs = (*outputs, *letters_of(layer, kept), x)
            everything = (*everything, kept)
        return (*outputs, self.output.forward(x)), everything  # (3)

    def penalties(self, weights, states, everything):
        """Return what the layers add to the error, of what ``forward`` kept of each."""
        each = zip(self.built, self.of_each(weights, states), everything)
        return tuple(p for layer, own, kept in each for p in layer.penalties(own, kept))

    def constrained(self, weights):
        """Return the weights as the layers' constraints leave them."""
        weights, after = iter(weights), ()
        for layer in self.built:
            after += layer.constrained([next(weights) for _ in layer.weight_names])
        return after

    def propagate(self, weights, inputs, targets, states=()):
        """Return the activations, the error, the gradients, what flows back, the states."""
        activations, everything = self.forward(weights, inputs, states)
        penalties = self.penalties(weights, states, everything)
        error = total(self.output.error(*activations[-2:], targets), penalties)  # (4)
        xb = self.output.backward(*activations[-2:], targets)  # (5)
        gradients, flows, after = (), (), ()
        each = zip(self.labels, self.built, self.of_each(weights, states), everything)
        flowing = set(self.flows_to)  # found once, not at every layer
        for label, layer, own, kept in reversed(list(each)):
            yb = total(xb, layer.penalties_back(kept))  # (6)
            flows = (*flows, yb) if label in flowing else flows
            xb, of_layer = layer.backward(own, kept, yb)  # (7)
            if flowing.issuperset(self.letters[label]):
                flows = (*flows, *flows_of(layer, kept))
            gradients = (*of_layer, *gradients)
            after = (*layer.next_states(kept), *after)
        return Propagation(activations, error, gradients, flows, after)
