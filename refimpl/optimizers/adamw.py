"""AdamW as Keras has it (Loshchilov, Hutter 2019, Algorithm 2, line 12):

    w <- w - w weight_decay learning_rate
    w <- Adam's step from there, with the gradient at the old w

The decay is the optimizer base class's and comes first; the paper subtracts both
in one line, which differs by rounding only.  The paper's decay does not contain
the learning rate, only its schedule: its lambda is Keras's weight_decay times
learning_rate.  Epsilon is Adam's "epsilon hat", see ``adam``; the paper's, 1e-8,
stands beside the corrected root.
``AdamW(amsgrad=True)`` is this decay and then the step of ``amsgrad``.
"""

from dataclasses import dataclass, field

from refimpl.optimizers.adam import Adam


@dataclass(frozen=True)
class AdamW(Adam):
    """Keras: ``AdamW``: Adam, and a weight decay unless it is turned off."""

    weight_decay: float | None = field(default=0.004, kw_only=True)
