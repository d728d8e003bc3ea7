"""Layers in a row, as one layer: a part of a network of several parts."""

from dataclasses import dataclass
from functools import cached_property

from refimpl.functions import total
from refimpl.layers.layer import Layer


def unnoted(label, value):
    """Return what a layer puts out, or what flows back to it."""
    return value


@dataclass(frozen=True)
class Chain(Layer):
    """x -> layers[0] -> ... -> layers[-1] -> y; the layers have no states.

    note: takes the label and the output of each layer, or what flows back to that, and
        returns with what the next one goes on.
    """

    layers: tuple

    @cached_property
    def built(self):
        """The layers, each built for the output of the one before."""
        built, shape = [], self.input_shape
        for layer in self.layers:
            built.append(layer.build(shape))
            shape = built[-1].output_shape
        return tuple(built)

    @property
    def labels(self):
        """A name for each layer but the last, whose output is the chain's."""
        each = enumerate(self.layers[:-1], 1)
        return (*(f"{type(layer).__name__.lower()}{k}" for k, layer in each), "")

    @property
    def weight_names(self):
        layers = enumerate(self.built, 1)
        return tuple(f"{name}{k}" for k, layer in layers for name in layer.weight_names)

    @property
    def weight_shapes(self):
        return tuple(shape for layer in self.built for shape in layer.weight_shapes)

    @property
    def output_shape(self):
        return self.built[-1].output_shape

    def of_each(self, weights):
        """Return the weights of each layer."""
        weights = iter(weights)
        return [tuple(next(weights) for _ in layer.weight_names) for layer in self.built]

    def forward(self, weights, x, note=unnoted):
        everything = []
        for label, layer, own in zip(self.labels, self.built, self.of_each(weights)):
            y, kept = layer.forward(own, x)  # (1)
            x = note(label, y)
            everything.append(kept)
        return x, everything

    def backward(self, weights, kept, yb, note=unnoted):
        gradients = ()
        backwards = zip(self.labels, self.built, self.of_each(weights), kept)
        for label, layer, own, of_layer in reversed(list(backwards)):
            yb = note(label, total(yb, layer.penalties_back(of_layer)))  # (2)
            yb, more = layer.backward(own, of_layer, yb)  # (3)
            gradients = (*more, *gradients)
        return yb, gradients
