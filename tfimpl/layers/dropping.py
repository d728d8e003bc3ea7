"""What layers with an option ``dropout`` share: a part of their numbers is left out.

(1) Every step draws once from the seed generator, whose state is [seed, how often].
(2)-(4) Dropped as in ``Dropout``: what stays is scaled; so is what flows back.
"""

import tensorflow as tf

from tfimpl.layers.layer import Layer
from tfimpl.random import uniform


class Dropping(Layer):
    """A layer with the fields ``dropout`` and ``seed``."""

    @property
    def drops(self):
        """Whether anything is dropped, so that there is a generator."""
        return bool(self.dropout > 0)

    @property
    def state_names(self):
        return ("seed_generator_state",) if self.drops else ()

    def start_states(self):
        return (tf.constant([[self.seed, 0.0]]),) if self.drops else ()

    def next_states(self, kept):
        state = kept[-1]
        return (
            (state + tf.constant([[0.0, 1.0]], state.dtype),) if self.drops else ()
        )  # (1)

    def numbers(self, seed, shape, dtype):
        """Return the random numbers of a seed."""
        return uniform(seed, shape, dtype)

    def keeps(self, state, p):
        """Return which numbers of p (..., batch, and so on) stay; None is all."""
        if not self.drops:
            return None
        seed = tf.cast(state, tf.int64)[..., 0, :]
        shape = p.shape[len(state.shape) - 2 :]
        return self.numbers(seed, shape, p.dtype) >= self.dropout  # (2)

    def dropped(self, keep, p):
        """Return p without what is dropped; or, on the way back, its gradient."""
        if keep is None:
            return p
        scale = 1 / (1 - self.dropout)  # (3)
        return tf.where(keep, p * scale, tf.zeros_like(p))  # (4)
