"""What losses share: weights of the samples, and the reduction to one number."""

from dataclasses import dataclass, field

import tensorflow as tf

from tfimpl.gradients import pull_back

REDUCTIONS = ("sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none")
EPSILON = 1e-7  # what Keras keeps logarithms and divisors away from 0 with


@dataclass(frozen=True)
class Loss:
    """A loss that ``samples`` gives for each sample; ``keras()`` gives Keras's own."""

    reduction: str = field(default="sum_over_batch_size", kw_only=True)

    def __post_init__(self):
        if self.reduction not in REDUCTIONS:
            raise ValueError(f"{self.reduction!r} is none of {', '.join(REDUCTIONS)}")

    def forward(self, O, T, sample_weight=None):
        S = self.samples(O, T)
        if sample_weight is not None:
            S = S * sample_weight  # (1)
        if self.reduction == "none":
            return S
        E = tf.reduce_sum(S, axis=-1, keepdims=True)  # (2)
        return self.divided(E, O, sample_weight)[..., 0]  # (3)

    def backward(self, O, T, sample_weight=None):
        return pull_back(lambda O: self.forward(O, T, sample_weight), O, None)  # (4)-(6)

    def divided(self, E, O, sample_weight):
        """Return E, (..., 1 or batch), divided by what the reduction says."""
        if self.reduction in ("sum", "none"):
            return E
        if self.reduction != "mean_with_sample_weight" or sample_weight is None:
            return E / tf.cast(tf.shape(O)[-2], O.dtype)  # (7)
        total = tf.reduce_sum(sample_weight, axis=-1, keepdims=True)  # (8)
        return tf.math.divide_no_nan(E, total)  # (9)
