"""What losses share: weights of the samples, and the reduction to one number."""

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

    Raises ValueError for another reduction.
    """

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
        E = np.sum(S, axis=-1, keepdims=True)  # (2)
        return self.divided(E, O, sample_weight)[..., 0]  # (3)

    def backward(self, O, T, sample_weight=None):
        Sb = self.divided(np.ones_like(O[..., 0]), O, sample_weight)  # (4)
        if sample_weight is not None:
            Sb = Sb * sample_weight  # (5)
        return self.samples_backward(Sb, O, T)  # (6)

    def divided(self, E, O, sample_weight):
        """Return E, (..., 1 or batch), divided by what the reduction says."""
        if self.reduction in ("sum", "none"):
            return E
        if self.reduction != "mean_with_sample_weight" or sample_weight is None:
            return E / O.shape[-2]  # (7)
        total = np.sum(sample_weight, axis=-1, keepdims=True)  # (8)
        return np.where(total > 0, E / np.where(total > 0, total, 1), 0)  # (9)
