"""Layers in a row, as one layer: a part of a network of several parts."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import keras

from tfimpl.layers.layer import Layer


def unnoted(label, value):
    """Return what a layer puts out."""
    return value


@dataclass(frozen=True)
class Chain(Layer):
    """Keras: ``Sequential(layers)``."""

    layers: tuple

    in_keras: ClassVar = None

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
        first = x
        for label, layer, own in zip(self.labels, self.built, self.of_each(weights)):
            y, _ = layer.forward(own, x)  # (1)
            x = note(label, y)
        return x, first

    def backward(self, weights, kept, yb, note=unnoted):
        return self.pull_back(weights, kept, yb)  # (2)-(3)

    def keras(self, dtype):
        return keras.Sequential([layer.keras(dtype) for layer in self.built])
