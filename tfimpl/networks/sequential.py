"""Layers in a row, the output of each being the input of the next."""

from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import Any

import keras
import tensorflow as tf

from tfimpl.activations import Linear
from tfimpl.functions import total
from tfimpl.gradients import back, tapped
from tfimpl.networks.network import Network, Propagation, behind, letters_of
from tfimpl.networks.output import Output


@dataclass(frozen=True)
class Sequential(Network):
    """inputs -> layers[0] -> ... -> layers[-1] -> output's activation and loss."""

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
        x = tf.reshape(inputs, (*inputs.shape[:-1], *self.input_shape))
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
        with tf.GradientTape() as tape:
            tape.watch(weights)
            activations, everything = self.forward(weights, inputs, states)
            penalties = self.penalties(weights, states, everything)
            error = total(self.output.error(*activations[-2:], targets), penalties)  # (4)
        of_layers = dict(zip(self.activation_names, activations))
        of_layers.update(tapped(self, zip(self.labels, self.built), everything))
        outputs = tuple(of_layers[name] for name in self.flows_to)
        gradients, flows = back(tape, error, weights, outputs)  # (5)-(7)
        kept = zip(self.built, everything)
        after = tuple(state for layer, own in kept for state in layer.next_states(own))
        return Propagation(activations, error, gradients, flows, after)

    def model(self, weights, dtype):
        """Return the Keras model, and the names of the outputs of its layers."""
        *hidden, last = self.built
        names, end = (*self.labels[:-1], "outputs"), self.output.activation
        if isinstance(end, Linear):
            layers = [layer.keras(dtype) for layer in self.built]
        elif hasattr(last, "activation"):
            last = replace(last, activation=end)
            layers = [layer.keras(dtype) for layer in (*hidden, last)]
        else:  # the last has no activation of its own: a layer more
            end = keras.layers.Activation(end.keras(), dtype=dtype)
            layers = [*(layer.keras(dtype) for layer in self.built), end]
            names = (*self.labels, "outputs")
        inputs = keras.Input((prod(self.input_shape),), dtype=dtype)
        if len(self.input_shape) == 1:
            return keras.Sequential([inputs, *layers]), names
        shaped = keras.layers.Reshape(self.input_shape, dtype=dtype)
        return keras.Sequential([inputs, shaped, *layers]), ("shaped", *names)
