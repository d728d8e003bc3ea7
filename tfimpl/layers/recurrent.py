"""What recurrent layers share: the order of time steps, a mask, and which outputs count.

(1), (2) go_backwards: the last time step comes first, and outputs stay in that order.
(3) zero_output_for_mask: in a sequence the output of a masked time step is 0.
(4) A masked time step leaves the states as they were, and its output is the one before.
"""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.layers.layer import Layer


@dataclass(frozen=True, kw_only=True)
class Recurrent(Layer):
    """Keras: ``RNN``, the base of SimpleRNN, LSTM and GRU."""

    return_sequences: bool = False
    go_backwards: bool = False
    zero_output_for_mask: bool = False
    unroll: bool = False

    takes_mask: ClassVar = True

    @property
    def weight_names(self):
        names = ("kernel", "recurrent_kernel")
        return (*names, "bias") if self.use_bias else names

    @property
    def output_shape(self):
        steps, _ = self.input_shape
        return (steps, self.units) if self.return_sequences else (self.units,)

    def next_mask(self, x, mask):
        if mask is None or not self.return_sequences:
            return None
        return tf.reverse(mask, axis=[-1]) if self.go_backwards else mask  # (1)

    def start_state(self, x):
        """Return zeros, (..., batch, units): a state before the first time step."""
        return tf.zeros((*x.shape[:-2], self.units), x.dtype)

    def in_order(self, x):
        """Return (..., steps, features) in the order in which steps are taken, or back."""
        return tf.reverse(x, axis=[-2]) if self.go_backwards else x  # (2)

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

    def outputs(self, each, counts):
        """Return the layer's output, of the outputs of each time step."""
        kept = zip(self.kept_outputs(counts), each)
        each = [chosen(c, y, tf.zeros_like(y)) for c, y in kept]  # (3)
        return tf.stack(each, axis=-2) if self.return_sequences else each[-1]

    def keras_options(self, dtype):
        """Return the options that all recurrent layers of Keras have."""
        return {
            "activation": self.activation.keras(),
            "use_bias": self.use_bias,
            "return_sequences": self.return_sequences,
            "go_backwards": self.go_backwards,
            "zero_output_for_mask": self.zero_output_for_mask,
            "unroll": self.unroll,
            "dtype": dtype,
        }


def chosen(counts, new, old):
    """Return ``new`` where the time step counts, ``old`` where it is masked."""
    return new if counts is None else tf.where(counts, new, old)  # (4)


def gates(z, count):
    """Return the ``count`` equal parts of the last axis."""
    return tuple(tf.split(z, count, axis=-1))
