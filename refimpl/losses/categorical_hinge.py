"""Categorical hinge loss."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.losses.loss import Loss


@dataclass(frozen=True)
class CategoricalHinge(Loss):
    """S = max(neg - pos + 1, 0), pos = sum_units T O, neg = max_units (1 - T) O.

    The gradient of a maximum that several units share is parted among them; where S is
    just 0 it is that inside.
    """

    name: ClassVar = "categorical_hinge"

    def samples(self, O, T):
        pos = np.sum(T * O, axis=-1)  # (1)
        neg = np.max((1 - T) * O, axis=-1)  # (2)
        return np.maximum(neg - pos + 1, 0)  # (3)

    def samples_backward(self, Sb, O, T):
        pos = np.sum(T * O, axis=-1, keepdims=True)  # (4)
        others = (1 - T) * O  # (5)
        neg = np.max(others, axis=-1, keepdims=True)  # (6)
        inside = np.where(neg - pos + 1 < 0, 0, Sb[..., None])  # (7)
        highest = np.where(others < neg, 0, np.ones_like(O))  # (8)
        share = highest / np.sum(highest, axis=-1, keepdims=True)  # (9)
        return inside * share * (1 - T) - inside * T  # (10)
