"""What layers with an option ``dropout`` share: a part of their numbers is left out.

(1) Every step draws once from the seed generator, whose state is [seed, how often].
(2)-(4) Dropped as in ``Dropout``: what stays is scaled; so is what flows back.
"""

import numpy as np

from refimpl.layers.layer import Layer
from refimpl.random import uniform


class Dropping(Layer):
    """A layer with the fields ``dropout``, from 0 up to but not 1, and ``seed``.

    ``forward`` keeps the generator's state, or None, as the last of what it keeps.
    """

    @property
    def drops(self):
        """Whether anything is dropped, so that there is a generator."""
        return bool(self.dropout > 0)

    @property
    def state_names(self):
        return ("seed_generator_state",) if self.drops else ()

    def start_states(self):
        return (np.array([[self.seed, 0.0]]),) if self.drops else ()

    def next_states(self, kept):
        state = kept[-1]
        return (state + np.array([[0.0, 1.0]]),) if self.drops else ()  # (1)

    def numbers(self, seed, shape, dtype):
        """Return the random numbers of a seed."""
        return uniform(seed, shape, dtype)

    def keeps(self, state, p):
        """Return which numbers of p (..., batch, and so on) stay; None is all."""
        if not self.drops:
            return None
        seed = state.astype(np.int64)[..., 0, :]
        shape = p.shape[len(state.shape) - 2 :]
        return self.numbers(seed, shape, p.dtype) >= self.dropout  # (2)

    def dropped(self, keep, p):
        """Return p without what is dropped; or, on the way back, its gradient."""
        if keep is None:
            return p
        scale = 1 / (1 - self.dropout)  # (3)
        return np.where(keep, p * scale, np.zeros_like(p))  # (4)
