"""What losses share: weights and masks of the samples, and the reduction to one number."""

from dataclasses import dataclass, field
from typing import ClassVar

import keras
import tensorflow as tf

from tfimpl.counterpart import Counterpart, keras_object
from tfimpl.gradients import pull_back

REDUCTIONS = ("sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none")
EPSILON = 1e-7  # what Keras keeps logarithms and divisors away from 0 with


@dataclass(frozen=True)
class Loss:
    """A loss that ``samples`` gives for each sample; ``keras()`` gives Keras's own.

    Keras takes the mask from the outputs, whose ``_keras_mask`` it is, and a loss's own
    mask from the losses of the samples.
    """

    reduction: str = field(default="sum_over_batch_size", kw_only=True)

    in_keras: ClassVar = Counterpart()

    def __post_init__(self):
        if self.reduction not in REDUCTIONS:
            raise ValueError(f"{self.reduction!r} is none of {', '.join(REDUCTIONS)}")

    def forward(self, O, T, sample_weight=None, mask=None):
        S, weight = self.samples(O, T), self.counting(O, T, sample_weight, mask)
        if weight is not None:
            S = S * weight  # (1)
        if self.reduction == "none":
            return S
        E = tf.reduce_sum(S, axis=-1, keepdims=True)  # (2)
        return self.divided(E, O, weight)[..., 0]  # (3)

    def backward(self, O, T, sample_weight=None, mask=None):
        return pull_back(
            lambda O: self.forward(O, T, sample_weight, mask), O, None
        )  # (4)-(6)

    def each(self, O):
        """Return a tensor of the shape of S."""
        return O[..., 0]

    def counted(self, O, T):
        """Return the mask that the loss itself makes, (..., batch), or None."""
        return None

    def counting(self, O, T, sample_weight, mask):
        """Return what each sample counts, (..., batch), or None where all count once."""
        own = self.counted(O, T)
        if mask is None or own is None:
            both = own if mask is None else mask
        else:
            both = mask * own  # (7)
        if both is None:
            return sample_weight
        if self.reduction in ("sum_over_batch_size", "mean"):
            valid = tf.reduce_sum(both, axis=-1, keepdims=True)  # (8)
            batch = tf.cast(tf.shape(both)[-1], both.dtype)
            both = both * tf.math.divide_no_nan(batch, valid)  # (9)-(10)
        return both if sample_weight is None else sample_weight * both  # (11)

    def divided(self, E, O, weight):
        """Return E, (..., 1 or batch), divided by what the reduction says."""
        if self.reduction in ("sum", "none"):
            return E
        if self.reduction != "mean_with_sample_weight" or weight is None:
            counted = self.each(O) if weight is None else weight
            return E / tf.cast(tf.shape(counted)[-1], E.dtype)  # (12)
        total = tf.reduce_sum(weight, axis=-1, keepdims=True)  # (13)
        return tf.math.divide_no_nan(E, total)  # (14)

    def keras(self):
        return keras_object(self, keras.losses)
