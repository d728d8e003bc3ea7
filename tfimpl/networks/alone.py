"""A layer by itself: what flows into it is a weight too, what flows back is given."""

from dataclasses import dataclass
from functools import cached_property
from math import prod
from types import SimpleNamespace
from typing import Any

import keras
import tensorflow as tf

from tfimpl.functions import total
from tfimpl.gradients import back, tapped
from tfimpl.networks.network import Network, Propagation, letters_of


@dataclass(frozen=True)
class Alone(Network):
    """inputs -> layer -> outputs, both flat: (samples, numbers)."""

    input_shape: tuple
    layer: Any
    samples: int
    given: bool = False

    @cached_property
    def built(self):
        return self.layer.build(self.input_shape)

    @property
    def shapes(self):
        """The shape of each input of a sample."""
        several = isinstance(self.input_shape[0], tuple)
        return self.input_shape if several else (self.input_shape,)

    @property
    def input_names(self):
        if self.given:
            return ()
        count = len(self.shapes)
        return (
            tuple(f"inputs{k}" for k in range(1, count + 1)) if count > 1 else ("inputs",)
        )

    @property
    def weight_names(self):
        return (*self.input_names, *self.built.weight_names)

    @property
    def weight_shapes(self):
        inputs = (
            [] if self.given else [(self.samples, prod(shape)) for shape in self.shapes]
        )
        return (*inputs, *self.built.weight_shapes)

    @property
    def state_names(self):
        return self.built.state_names

    @property
    def activation_names(self):
        return (*self.letters["outputs"], "outputs")

    @property
    def flows_to(self):
        return (*self.letters["outputs"][::-1], *self.shares["outputs"])

    @cached_property
    def letters(self):
        return {"outputs": self.built.letter_names}

    @cached_property
    def shares(self):
        return {"outputs": self.built.share_names}

    @property
    def sparse_names(self):
        return self.built.sparse_names

    def start_states(self):
        return self.built.start_states()

    def shaped(self, flat):
        """Return the layer's inputs of a tuple of flat ones."""
        shaped = tuple(
            tf.reshape(x, (*x.shape[:-1], *s)) for x, s in zip(flat, self.shapes)
        )
        return shaped if len(shaped) > 1 else shaped[0]

    def flat(self, x, shapes):
        """Return inputs, or an output, as a tuple of flat ones."""
        xs = x if isinstance(x, tuple) else (x,)
        return tuple(
            tf.reshape(x, (*x.shape[: len(x.shape) - len(s)], prod(s)))
            for x, s in zip(xs, shapes)
        )

    def forward(self, weights, inputs, states=()):
        """Return the outputs, and what the layer kept for the way back."""
        count = len(self.input_names)
        x = self.shaped((inputs,) if self.given else weights[:count])
        y, kept = self.built.forward((*weights[count:], *states), x)  # (1)
        return *self.flat(y, (self.built.output_shape,)), kept

    def constrained(self, weights):
        """Return the weights as the layer's constraints leave them."""
        count = len(self.input_names)
        return (*weights[:count], *self.built.constrained(weights[count:]))

    def propagate(self, weights, inputs, targets, states=()):
        """Return the activations, the error, the gradients, and the states if any."""
        with tf.GradientTape() as tape:
            tape.watch(weights)
            outputs, kept = self.forward(weights, inputs, states)
            own = (*weights[len(self.input_names) :], *states)
            penalties = self.built.penalties(own, kept)
            error = total(tf.reduce_sum(outputs * targets, axis=(-2, -1)), penalties)  # (2)
        inside = tapped(self, [("outputs", self.built)], [kept])
        letters = tuple(inside[name] for name in self.flows_to)
        gradients, flows = back(tape, error, weights, letters)  # (3)-(4)
        activations = (*letters_of(self.built, kept), outputs)
        after = self.built.next_states(kept) if states else ()
        return Propagation(activations, error, gradients, flows, after)

    @property
    def output(self):
        """What a runner asks for Keras's loss."""
        return SimpleNamespace(loss=SimpleNamespace(keras=lambda: _given_gradient))

    def model(self, weights, dtype):
        """Return the Keras model, and the names of the outputs of its layers."""
        numbers = prod(self.input_shape) if self.given else 1
        inputs = keras.Input((numbers,), dtype=dtype)
        return keras.Sequential([inputs, AloneLayer(self, dtype=dtype)]), ("outputs",)


def _given_gradient(T, O):
    """Return the sum of O * T, whose gradient T cannot be had before O is there.

    With sum(O * T) itself Keras's train_on_batch and fit update weights that the forward
    pass has yet to read, see ``keras-updates-before-reads`` in equivalence/defects.  No
    number is infinite and not a number, so that T is T whatever overflows in O.
    """
    T = tf.where(tf.math.is_nan(O) & tf.math.is_inf(O), O, T)
    return tf.reduce_sum(O * tf.stop_gradient(T))


class AloneLayer(keras.layers.Layer):
    """Keras's layer behind weights that are its inputs."""

    def __init__(self, network, **kwargs):
        super().__init__(**kwargs)
        self.network = network
        self.layer = network.built.keras(self.dtype_policy)

    def build(self, input_shape):
        names, samples = self.network.input_names, self.network.samples
        self.flat = [
            self.add_weight(name=name, shape=(samples, prod(shape)))
            for name, shape in zip(names, self.network.shapes)
        ]
        shapes = [(samples, *shape) for shape in self.network.shapes]
        self.layer.build(shapes if len(shapes) > 1 else shapes[0])

    def call(self, inputs, training=None):
        flat = [tf.reshape(x, (self.network.samples, -1)) for x in self.flat or (inputs,)]
        y = self.layer(self.network.shaped(flat))
        return tf.reshape(y, (self.network.samples, -1))
