"""What losses share: weights and masks of the samples, and the reduction to one number."""

from dataclasses import dataclass, field

import numpy as np

REDUCTIONS = ("sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none")
EPSILON = 1e-7  # what Keras keeps logarithms and divisors away from 0 with


@dataclass(frozen=True)
class Loss:
    """A loss that ``samples`` gives for each sample: S, (..., batch).

    ``samples_backward`` takes its cotangent Sb, (..., batch), back to the outputs.

    reduction: one of REDUCTIONS.  "mean" is another name of "sum_over_batch_size";
        "mean_with_sample_weight" divides by the sum of the weights instead of the
        batch; "none" leaves S as it is.  Weights that sum to 0 give the loss 0.

    sample_weight, (..., batch): what each sample counts.
    mask, (..., batch), 1 or 0: whether it counts at all.  In the mean over the batch those
        that do make up for the others.

    Raises ValueError for another reduction.
    """

    reduction: str = field(default="sum_over_batch_size", kw_only=True)

    def __post_init__(self):
        if self.reduction not in REDUCTIONS:
            raise ValueError(f"{self.reduction!r} is none of {', '.join(REDUCTIONS)}")

    def forward(self, O, T, sample_weight=None, mask=None):
        S, weight = self.samples(O, T), self.counting(O, T, sample_weight, mask)
        if weight is not None:
            S = S * weight  # (1)
        if self.reduction == "none":
            return S
        E = np.sum(S, axis=-1, keepdims=True)  # (2)
        return self.divided(E, O, weight)[..., 0]  # (3)

    def backward(self, O, T, sample_weight=None, mask=None):
        weight = self.counting(O, T, sample_weight, mask)
        Sb = self.divided(np.ones_like(self.each(O)), O, weight)  # (4)
        if weight is not None:
            Sb = Sb * weight  # (5)
        return self.samples_backward(Sb, O, T)  # (6)

    def each(self, O):
        """Return an array of the shape of S."""
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
            valid = np.sum(both, axis=-1, keepdims=True)  # (8)
            share = both.shape[-1] / np.where(valid > 0, valid, 1)  # (9)
            both = both * np.where(valid > 0, share, 0)  # (10)
        return both if sample_weight is None else sample_weight * both  # (11)

    def divided(self, E, O, weight):
        """Return E, (..., 1 or batch), divided by what the reduction says."""
        if self.reduction in ("sum", "none"):
            return E
        if self.reduction != "mean_with_sample_weight" or weight is None:
            return E / (self.each(O) if weight is None else weight).shape[-1]  # (12)
        total = np.sum(weight, axis=-1, keepdims=True)  # (13)
        nothing = np.equal(total, 0)
        return np.where(nothing, 0, E / np.where(nothing, 1, total))  # (14)
