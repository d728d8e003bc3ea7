"""What recurrent layers share: the order of time steps, a mask, and which outputs count.

(1), (3), (4) dropout: one mask for all time steps, drawn anew for the next batch.
(2), (6) initial_state, stateful: where the states start from.
(5), (7) go_backwards: the last time step comes first, and outputs stay in that order.
(8) zero_output_for_mask: in a sequence the output of a masked time step is 0.
(9) return_state: the last states stand behind the outputs.
(10) A masked time step leaves the states as they were, and its output is the one before.
(11) Where there are masks of dropout, the inputs of each gate have their own.

The letters of a time step, the states that it hands on, are noted as they arise; so is its
share in the weights' gradients, unless these are too many numbers.
"""

from dataclasses import dataclass
from math import prod
from typing import ClassVar

import keras
import tensorflow as tf

from tfimpl.counterpart import Counterpart
from tfimpl.layers.layer import Layer
from tfimpl.random import uniform

# How many numbers the time steps' shares in the weights' gradients may be, to be noted.
MOST_SHARES = 2**15


@dataclass(frozen=True, kw_only=True)
class Recurrent(Layer):
    """Keras: ``RNN``, the base of SimpleRNN, LSTM and GRU."""

    return_sequences: bool = False
    go_backwards: bool = False
    zero_output_for_mask: bool = False
    unroll: bool = False
    dropout: float = 0.0
    recurrent_dropout: float = 0.0
    seed: int = 0
    stateful: bool = False
    batch_size: int | None = None
    return_state: bool = False

    takes_mask: ClassVar = True
    gate_count: ClassVar = 1
    own_states: ClassVar[tuple[str, ...]] = ("h",)
    in_keras: ClassVar = Counterpart(without=("batch_size",))

    @property
    def weight_names(self):
        names = ("kernel", "recurrent_kernel")
        return (*names, "bias") if self.use_bias else names

    @property
    def draws(self):
        """How many masks there are for the inputs, and for the state."""
        of_x, of_h = bool(self.dropout > 0), bool(self.recurrent_dropout > 0)
        if not of_h:
            return int(of_x), 0
        return self.gate_count * of_x, self.gate_count

    @property
    def state_names(self):
        drawn = ("seed_generator_state",) if sum(self.draws) else ()
        return (*drawn, *self.own_states) if self.stateful else drawn

    @property
    def letter_names(self):
        return self.own_states[::-1]  # a carry c before the output h that is made of it

    @property
    def share_names(self):
        numbers = self.sequence_shape[0] * sum(map(prod, self.weight_shapes))
        return self.weight_names if numbers <= MOST_SHARES else ()

    @property
    def sequence_shape(self):
        """Time steps and features of a sequence."""
        several = isinstance(self.input_shape[0], tuple)
        return self.input_shape[0] if several else self.input_shape

    @property
    def output_shape(self):
        rows = self.sequence_shape[0] if self.return_sequences else 1
        if self.return_state:
            return (rows + len(self.own_states), self.units)
        return (rows, self.units) if self.return_sequences else (self.units,)

    def start_states(self):
        drawn = (tf.constant([[self.seed, 0.0]]),) if sum(self.draws) else ()
        if not self.stateful:
            return drawn
        return (*drawn, *(tf.zeros((self.batch_size, self.units)) for _ in self.own_states))

    def next_states(self, kept):
        *_, state, after = kept
        count = sum(self.draws)
        drawn = tuple(s + tf.constant([[0.0, count]], s.dtype) for s in state)  # (1)
        return (*drawn, *after) if self.stateful else drawn

    def _shared(self, seen, weights):
        """Return the weights as one time step has them, with a gradient of its own."""
        if not self.share_names:
            return weights
        return [self.note(seen, n, w) for n, w in zip(self.share_names, weights)]

    def noted(self, kept):
        *_, seen, _, _ = kept
        return seen

    def parted(self, weights, x):
        """Return the trained weights, x, the generator's state, and those to start from."""
        count, drawn = len(self.weight_names), 1 if sum(self.draws) else 0
        own, states = weights[:count], weights[count:]
        x, *given = x if isinstance(x, tuple) else (x,)
        zeros = [self.start_state(x) for _ in self.own_states]
        return own, x, states[:drawn], given or states[drawn:] or zeros  # (2)

    def numbers(self, seed, shape, dtype):
        """Return the random numbers of a seed."""
        return uniform(seed, shape, dtype)

    def masks(self, state, x, h):
        """Return the masks of the inputs, and those of the state: tuples, empty without."""
        if not state:
            return (), ()
        of_x, of_h = self.draws
        rows = [x[..., 0, :]] * of_x + [h] * of_h
        rates = [self.dropout] * of_x + [self.recurrent_dropout] * of_h
        masks = []
        for k, (row, rate) in enumerate(zip(rows, rates)):
            seed = tf.cast(state[0], tf.int64)[..., 0, :] + tf.constant([0, k], tf.int64)
            keep = self.numbers(seed, row.shape[-2:], row.dtype) >= rate  # (3)
            ones = tf.ones_like(row) * (1 / (1 - rate))
            masks.append(tf.where(keep, ones, tf.zeros_like(ones)))  # (4)
        return tuple(masks[:of_x]), tuple(masks[of_x:])

    def next_mask(self, x, mask):
        if mask is None or not self.return_sequences:
            return None
        return tf.reverse(mask, axis=[-1]) if self.go_backwards else mask  # (5)

    def start_state(self, x):
        """Return zeros, (..., batch, units): a state before the first time step."""
        return tf.zeros((*x.shape[:-2], self.units), x.dtype)  # (6)

    def in_order(self, x):
        """Return (..., steps, features) in the order in which steps are taken, or back."""
        return tf.reverse(x, axis=[-2]) if self.go_backwards else x  # (7)

    def time_steps(self, x, mask):
        """Return each time step's input, and (..., batch, 1) whether it counts, or None."""
        x, steps = self.in_order(x), range(x.shape[-2])
        if mask is None:
            return [(x[..., t, :], None) for t in steps]
        mask = self.in_order(mask[..., None])
        return [(x[..., t, :], mask[..., t, :] > 0) for t in steps]

    def kept_outputs(self, counts):
        """Return where a time step's output stays what it is; None is everywhere."""
        zeros = self.zero_output_for_mask and self.return_sequences
        return counts if zeros else [None] * len(counts)

    def outputs(self, each, counts, states):
        """Return the layer's output, of those of each time step and the last states."""
        kept = zip(self.kept_outputs(counts), each)
        each = [chosen(c, y, tf.zeros_like(y)) for c, y in kept]  # (8)
        rows = each if self.return_sequences else each[-1:]
        if self.return_state:
            return tf.stack([*rows, *states], axis=-2)  # (9)
        return tf.stack(each, axis=-2) if self.return_sequences else each[-1]

    def keras(self, dtype):
        """Return Keras's layer, with its states among its inputs and outputs."""
        layer = super().keras(dtype)
        given = self.input_shape and isinstance(self.input_shape[0], tuple)
        if self.return_state or given:
            return StatesLayer(layer, dtype=layer.dtype_policy)
        return layer


class StatesLayer(keras.layers.Layer):
    """Keras's layer, which takes initial_state as an argument and returns a list."""

    def __init__(self, layer, **kwargs):
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape):
        several = isinstance(input_shape[0], (tuple, list))
        self.layer.build(input_shape[0] if several else input_shape)

    def call(self, inputs):
        x, *states = inputs if isinstance(inputs, (tuple, list)) else (inputs,)
        y = self.layer(x, initial_state=states or None)
        return self.together(y) if self.layer.return_state else y

    def together(self, y):
        """Return the outputs, and behind them the states, as the reference has them."""
        y, *states = y
        rows = y if self.layer.return_sequences else y[:, None]
        return tf.concat([rows, *(state[:, None] for state in states)], axis=1)


def chosen(counts, new, old):
    """Return ``new`` where the time step counts, ``old`` where it is masked."""
    return new if counts is None else tf.where(counts, new, old)  # (10)


def through(x, masks, kernel):
    """Return x kernel; where there are masks x is multiplied with that of each gate."""
    if not masks:
        return x @ kernel
    parts = zip(masks, gates(kernel, len(masks)))
    return tf.concat([(x * mask) @ part for mask, part in parts], axis=-1)  # (11)


def gates(z, count):
    """Return the ``count`` equal parts of the last axis."""
    return tuple(tf.split(z, count, axis=-1))
