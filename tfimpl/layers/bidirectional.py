"""Two recurrent layers, one from each end of the sequence (seed 000, 5-7)."""

from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import Any, ClassVar

import keras
import tensorflow as tf

from tfimpl.counterpart import keras_object
from tfimpl.layers.layer import Layer
from tfimpl.layers.recurrent import StatesLayer

MERGE_MODES = ("concat", "sum", "mul", "ave")


@dataclass(frozen=True)
class Bidirectional(Layer):
    """Keras: ``Bidirectional(layer, merge_mode, backward_layer=backward_layer)``."""

    layer: Any
    merge_mode: str = "concat"
    backward_layer: Any = None

    takes_mask: ClassVar = True

    def __post_init__(self):
        if self.merge_mode not in MERGE_MODES:
            raise ValueError(f"{self.merge_mode!r} is none of {', '.join(MERGE_MODES)}")
        if self.layer.go_backwards == self.second.go_backwards:
            raise ValueError("the two layers go in the same direction")

    @property
    def second(self):
        return self.backward_layer or replace(self.layer, go_backwards=True)

    @cached_property
    def inner(self):
        """The two layers, built."""
        zero = {"zero_output_for_mask": self.layer.return_sequences}
        both = replace(self.layer, **zero), replace(self.second, **zero)
        several = isinstance(self.input_shape[0], tuple)
        shape = self.input_shape
        shapes = self.of_both(shape) if several else (shape, shape)
        return tuple(layer.build(shape) for layer, shape in zip(both, shapes))

    @property
    def weight_names(self):
        both = zip(("forward", "backward"), self.inner)
        return tuple(f"{way}_{name}" for way, layer in both for name in layer.weight_names)

    @property
    def weight_shapes(self):
        return tuple(shape for layer in self.inner for shape in layer.weight_shapes)

    @property
    def own_states(self):
        both = zip(("forward", "backward"), (self.layer, self.second))
        return tuple(f"{way}_{name}" for way, layer in both for name in layer.own_states)

    @property
    def return_state(self):
        return self.layer.return_state

    @property
    def merged_shape(self):
        """The shape of one sample's output without states."""
        steps = self.inner[0].sequence_shape[:1] if self.layer.return_sequences else ()
        count = 2 if self.merge_mode == "concat" else 1
        return (*steps, count * self.layer.units)

    @property
    def output_shape(self):
        if not self.return_state:
            return self.merged_shape
        return (prod(self.merged_shape) + len(self.own_states) * self.layer.units,)

    @property
    def state_names(self):
        both = zip(("forward", "backward"), self.inner)
        return tuple(f"{way}_{name}" for way, layer in both for name in layer.state_names)

    @property
    def letter_names(self):
        both = zip(("forward", "backward"), self.inner)
        return tuple(f"{way}_{name}" for way, layer in both for name in layer.letter_names)

    @property
    def share_names(self):
        both = zip(("forward", "backward"), self.inner)
        return tuple(f"{way}_{name}" for way, layer in both for name in layer.share_names)

    def start_states(self):
        return tuple(state for layer in self.inner for state in layer.start_states())

    def next_states(self, kept):
        (first, second), (*_, kept1, kept2) = self.inner, kept
        return (*first.next_states(kept1), *second.next_states(kept2))

    def noted(self, kept):
        (*_, kept1, kept2), (first, second) = kept, self.inner
        both = ("forward", first.noted(kept1)), ("backward", second.noted(kept2))
        return {f"{way}_{name}": each for way, of in both for name, each in of.items()}

    def next_mask(self, x, mask):
        return self.inner[0].next_mask(x, mask)

    def of_each(self, weights):
        """Return the weights of the first layer, and of the second, with their states."""
        first, second = self.inner
        count, all_weights = len(first.weight_names), len(self.weight_names)
        weights, states = weights[:all_weights], weights[all_weights:]
        drawn = len(first.state_names)
        return (*weights[:count], *states[:drawn]), (*weights[count:], *states[drawn:])

    def of_both(self, x):
        """Return what each direction has of inputs, and of states to start from."""
        x, *states = x
        half = len(states) // 2
        return (x, *states[:half]), (x, *states[half:])

    def parted(self, y):
        """Return a direction's outputs without its last states, and these, or None."""
        if not self.return_state:
            return y, None
        count = len(self.layer.own_states)
        rows, states = y[..., :-count, :], y[..., -count:, :]
        return rows if self.layer.return_sequences else rows[..., 0, :], states

    def in_order(self, y):
        """Return the second's outputs, or their gradients, in the other order."""
        return tf.reverse(y, axis=[-2]) if self.layer.return_sequences else y  # (1)

    def forward(self, weights, x, mask=None):
        (first, second), (own, others) = self.inner, self.of_each(weights)
        x1, x2 = self.of_both(x) if isinstance(x, tuple) else (x, x)
        y1, kept1 = first.forward(own, x1, mask)  # (2)
        y2, kept2 = second.forward(others, x2, mask)  # (3)
        (y1, states1), (y2, states2) = self.parted(y1), self.parted(y2)
        y2 = self.in_order(y2)
        y = self.merged(y1, y2)
        if self.return_state:
            lead = states1.shape[:-2]
            rows = [tf.reshape(part, (*lead, -1)) for part in (y, states1, states2)]
            y = tf.concat(rows, axis=-1)  # (4)
        return y, (x, mask, kept1, kept2)

    def merged(self, y1, y2):
        """Return the layer's output, of the outputs of both."""
        if self.merge_mode == "concat":
            return tf.concat([y1, y2], axis=-1)  # (5)
        if self.merge_mode == "mul":
            return y1 * y2  # (6)
        return y1 + y2 if self.merge_mode == "sum" else (y1 + y2) / 2  # (7)

    def backward(self, weights, kept, yb):
        x, mask, *_ = kept
        return self.pull_back(weights, x, yb, mask)  # (8)-(12)

    def keras(self, dtype):
        of_keras = lambda layer: keras_object(layer, keras.layers, dtype=dtype)
        second = self.backward_layer and of_keras(self.backward_layer)
        layer = keras.layers.Bidirectional(
            of_keras(self.layer), self.merge_mode, backward_layer=second, dtype=dtype
        )
        given = self.input_shape and isinstance(self.input_shape[0], tuple)
        return DirectionsLayer(layer, dtype=dtype) if self.return_state or given else layer


class DirectionsLayer(StatesLayer):
    """Keras's layer of both directions: a sample's outputs and states become one row."""

    def together(self, y):
        rows = [tf.reshape(part, (-1, prod(part.shape[1:]))) for part in y]
        return tf.concat(rows, axis=-1)
