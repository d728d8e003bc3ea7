"""A graph of layers by name: several inputs, branches, merges (seed 003, Model)."""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from math import prod
from typing import Any

import keras
import tensorflow as tf

from tfimpl.functions import total
from tfimpl.gradients import back, tapped
from tfimpl.networks.network import Network, Propagation, behind, letters_of
from tfimpl.networks.output import Output


@dataclass(frozen=True)
class Functional(Network):
    """Keras: the functional API, ``keras.Model(inputs, outputs)``."""

    input_shapes: tuple
    nodes: tuple
    output: Any = Output()

    @property
    def input_names(self):
        return tuple(f"input{k}" for k in range(1, len(self.input_shapes) + 1))

    @cached_property
    def built(self):
        """The nodes, each layer built for what its sources put out."""
        shapes, built = dict(zip(self.input_names, self.input_shapes)), []
        for name, layer, sources in self.nodes:
            layer = layer.build(alone_or_all([shapes[source] for source in sources]))
            shapes[name] = layer.output_shape
            built.append((name, layer, sources))
        return tuple(built)

    @property
    def weight_names(self):
        return self.names(lambda layer: layer.weight_names)

    @property
    def weight_shapes(self):
        return tuple(shape for _, layer, _ in self.built for shape in layer.weight_shapes)

    @property
    def state_names(self):
        return self.names(lambda layer: layer.state_names)

    @property
    def activation_names(self):
        each = ((*self.letters[node], node) for node, *_ in self.nodes)
        return (*self.input_names, *(name for names in each for name in names), "outputs")

    @property
    def flows_to(self):
        """The nodes to whose outputs a gradient flows back: behind a weight."""
        moved, found = set(), ()
        for name, layer, sources in self.built:
            if layer.weight_names or moved.intersection(sources):
                moved.add(name)
                inner = *self.letters[name][::-1], *self.shares[name]
                found = (name, *inner, *found)
        return found

    @cached_property
    def letters(self):
        return {name: behind(name, layer.letter_names) for name, layer, _ in self.built}

    @cached_property
    def shares(self):
        return {name: behind(name, layer.share_names) for name, layer, _ in self.built}

    @property
    def sums(self):
        return {"outputs": self.activation_names[-2]}

    def names(self, of):
        """Return the names ``of`` each layer, behind the node's name."""
        return tuple(
            f"{node}.{name}" for node, layer, _ in self.built for name in of(layer)
        )

    def start_states(self):
        return tuple(state for _, layer, _ in self.built for state in layer.start_states())

    def of_each(self, weights, states):
        """Return what belongs to each layer: its weights, and its states behind them."""
        weights, states, each = iter(weights), iter(states), []
        for _, layer, _ in self.built:
            own = tuple(next(weights) for _ in layer.weight_names)
            each.append((*own, *(next(states) for _ in layer.state_names)))
        return each

    def cut(self, inputs):
        """Return each input in its shape, by its name."""
        sizes = [prod(shape) for shape in self.input_shapes]
        each = zip(self.input_names, self.input_shapes, sizes, accumulate(sizes))
        lead = inputs.shape[:-1]
        return {
            name: tf.reshape(inputs[..., end - size : end], (*lead, *shape))
            for name, shape, size, end in each
        }

    def forward(self, weights, inputs, states=()):
        """Return all inputs and outputs, and what each layer kept for the way back."""
        values, everything = self.cut(inputs), ()
        activations = tuple(values.values())
        for (name, layer, sources), own in zip(self.built, self.of_each(weights, states)):
            x = alone_or_all([values[source] for source in sources])
            values[name], kept = layer.forward(own, x)  # (1)
            activations = (*activations, *letters_of(layer, kept), values[name])
            everything = (*everything, kept)
        return (*activations, self.output.forward(activations[-1])), everything  # (2)

    def penalties(self, weights, states, everything):
        """Return what the layers add to the error, of what ``forward`` kept of each."""
        each = zip(self.built, self.of_each(weights, states), everything)
        return tuple(
            p for (_, layer, _), own, kept in each for p in layer.penalties(own, kept)
        )

    def constrained(self, weights):
        """Return the weights as the layers' constraints leave them."""
        weights, after = iter(weights), ()
        for _, layer, _ in self.built:
            after += layer.constrained([next(weights) for _ in layer.weight_names])
        return after

    def propagate(self, weights, inputs, targets, states=()):
        """Return the activations, the error, the gradients, what flows back, the states."""
        with tf.GradientTape() as tape:
            tape.watch(weights)
            activations, everything = self.forward(weights, inputs, states)
            penalties = self.penalties(weights, states, everything)
            error = total(self.output.error(*activations[-2:], targets), penalties)  # (3)
        of_nodes = dict(zip(self.activation_names, activations))
        built = ((name, layer) for name, layer, _ in self.built)
        of_nodes.update(tapped(self, built, everything))
        outputs = tuple(of_nodes[name] for name in self.flows_to)
        gradients, flows = back(tape, error, weights, outputs)  # (4)-(7)
        kept = zip(self.built, everything)
        after = tuple(s for (_, layer, _), own in kept for s in layer.next_states(own))
        return Propagation(activations, error, gradients, flows, after)

    def model(self, weights, dtype):
        """Return the Keras model, and the names of the outputs of its layers.

        Raises ValueError where Keras sorts the layers otherwise than the nodes are.
        """
        flat = keras.Input((sum(map(prod, self.input_shapes)),), dtype=dtype)
        values, names, start = {}, {}, 0
        for name, shape in zip(self.input_names, self.input_shapes):
            cut = CutLayer(start, shape, dtype=dtype)
            values[name], names[cut], start = cut(flat), name, start + prod(shape)
        for name, layer, sources in self.built:
            if name == self.nodes[-1][0]:
                layer, name = replace(layer, activation=self.output.activation), "outputs"
            layer = layer.keras(dtype)
            values[name] = layer(alone_or_all([values[source] for source in sources]))
            names[layer] = name
        model = keras.Model(flat, values["outputs"])
        found = tuple(names[layer] for layer in model.layers if layer in names)
        nodes = (*(name for name, *_ in self.nodes[:-1]), "outputs")
        if tuple(name for name in found if name not in self.input_names) != nodes:
            raise ValueError(
                f"Keras sorts the layers as {found}: give the nodes in this order"
            )
        return model, found


class CutLayer(keras.layers.Layer):
    """One of several inputs that come in a row."""

    def __init__(self, start, shape, **kwargs):
        super().__init__(**kwargs)
        self.start, self.shape = start, shape

    def call(self, inputs):
        mine = inputs[:, self.start : self.start + prod(self.shape)]
        return tf.reshape(mine, (-1, *self.shape))


def alone_or_all(things):
    """Return the only one of several, or a tuple of them."""
    return things[0] if len(things) == 1 else tuple(things)
