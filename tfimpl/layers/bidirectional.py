"""Two recurrent layers, one from each end of the sequence (seed 000, 5-7)."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import keras
import tensorflow as tf

from tfimpl.layers.layer import Layer

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
        return tuple(layer.build(self.input_shape) for layer in both)

    @property
    def weight_names(self):
        both = zip(("forward", "backward"), self.inner)
        return tuple(f"{way}_{name}" for way, layer in both for name in layer.weight_names)

    @property
    def weight_shapes(self):
        return tuple(shape for layer in self.inner for shape in layer.weight_shapes)

    @property
    def output_shape(self):
        *steps, units = self.inner[0].output_shape
        return (*steps, 2 * units if self.merge_mode == "concat" else units)

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

    def in_order(self, y):
        """Return the second's outputs, or their gradients, in the other order."""
        return tf.reverse(y, axis=[-2]) if self.layer.return_sequences else y  # (1)

    def forward(self, weights, x, mask=None):
        (first, second), (own, others) = self.inner, self.of_each(weights)
        y1, kept1 = first.forward(own, x, mask)  # (2)
        y2, kept2 = second.forward(others, x, mask)  # (3)
        y2 = self.in_order(y2)
        return self.merged(y1, y2), (x, mask, kept1, kept2)

    def merged(self, y1, y2):
        """Return the layer's output, of the outputs of both."""
        if self.merge_mode == "concat":
            return tf.concat([y1, y2], axis=-1)  # (4)
        if self.merge_mode == "mul":
            return y1 * y2  # (5)
        return y1 + y2 if self.merge_mode == "sum" else (y1 + y2) / 2  # (6)

    def backward(self, weights, kept, yb):
        x, mask, *_ = kept
        return self.pull_back(weights, x, yb, mask)  # (7)-(10)

    def keras(self, dtype):
        second = self.backward_layer and self.backward_layer.keras(dtype)
        return keras.layers.Bidirectional(
            self.layer.keras(dtype), self.merge_mode, backward_layer=second, dtype=dtype
        )
