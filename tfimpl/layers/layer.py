"""What every layer has: shapes, names, and a way forward and back."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import keras
import tensorflow as tf

from tfimpl.counterpart import Counterpart, keras_object
from tfimpl.gradients import dense


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A layer; ``keras(dtype)`` gives Keras's own."""

    input_shape: Any = None

    weight_names: ClassVar[tuple] = ()
    state_names: ClassVar[tuple] = ()
    sparse_names: ClassVar[tuple] = ()
    letter_names: ClassVar[tuple] = ()
    share_names: ClassVar[tuple] = ()
    takes_mask: ClassVar[bool] = False
    passes_mask: ClassVar[bool] = False
    in_keras: ClassVar = Counterpart(without=("input_shape",))

    def build(self, input_shape):
        """Return the same layer for inputs of this shape."""
        return replace(self, input_shape=tuple(input_shape))

    @property
    def weight_shapes(self):
        """The shape of each trainable weight, a matrix."""
        return ()

    @property
    def output_shape(self):
        """The shape of one sample's output."""
        return self.input_shape

    def start_states(self):
        """Return the states before the first step."""
        return ()

    def next_states(self, kept):
        """Return the states after a step, from what ``forward`` kept."""
        return ()

    def note(self, seen, name, value):
        """Note a letter of a time step in ``seen``; return it, as the tape knows it."""
        seen.setdefault(name, []).append(tf.identity(value))
        return seen[name][-1]

    def note_whole(self, seen, name, value, axes):
        """Note an array with so many axes behind the batch, all numbers in one row."""
        row = tf.reshape(value, (*value.shape[: len(value.shape) - axes], -1))
        return tf.reshape(self.note(seen, name, row), value.shape)

    def noted(self, kept):
        """Return the letters of each time step, in the order taken: name -> a list."""
        return {}

    def penalties(self, weights, kept):
        """Return what the layer adds to the error; ``backward`` counts it in."""
        return ()

    def constrained(self, weights):
        """Return the trainable weights as a step leaves them, behind the optimizer."""
        return tuple(weights)

    def next_mask(self, x, mask):
        """Return the mask of the outputs, of the inputs and their mask, if there is one."""
        return mask if self.passes_mask else None

    def forward(self, weights, x):
        """Return the outputs, and what ``backward`` needs."""
        raise NotImplementedError

    def backward(self, weights, kept, yb):
        """Return the gradient of the inputs, and a tuple of those of the weights."""
        raise NotImplementedError

    def leading(self, x):
        """Return the leading axes of x, those before the batch."""
        return x.shape[: len(x.shape) - len(self.input_shape) - 1]

    def batch(self, x):
        """Return how many samples x has."""
        return x.shape[-len(self.input_shape) - 1]

    def rows(self, x):
        """Return x as (..., rows, features): a row for each place of each sample."""
        return tf.reshape(x, (*self.leading(x), -1, x.shape[-1]))

    def keras(self, dtype):
        """Return Keras's own layer, unbuilt."""
        return keras_object(self, keras.layers, dtype=dtype)

    def pull_back(self, weights, x, yb, *mask):
        """Return the gradients of sum(yb * forward(x)) and penalties: of x, of weights."""
        count = len(self.weight_names)
        trained, states = tuple(weights[:count]), tuple(weights[count:])
        with tf.GradientTape() as tape:
            tape.watch((x, *trained))
            y, kept = self.forward((*trained, *states), x, *mask)
            penalties = self.penalties((*trained, *states), kept)
        ones = [tf.ones_like(penalty) for penalty in penalties]
        xb, *gradients = tape.gradient(
            [y, *penalties], (x, *trained), output_gradients=[yb, *ones]
        )
        return xb, dense(gradients)
