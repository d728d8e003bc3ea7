"""Circle loss of embeddings (Sun and others 2020, equation 6 and section 3.2)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from refimpl.activations import Softplus
from refimpl.losses.log_sum_exp import LogSumExp, among
from refimpl.losses.loss import Loss


@dataclass(frozen=True)
class Circle(Loss):
    """S_i = log(1 + sum_j exp(N_ij) sum_k exp(P_ik)): j runs over the samples of other
    classes than i, k over the others of its own; D = max(1 - O O', 0) are the distances,

        P = -gamma (margin + D) (margin - D),
        N = gamma max(1 + margin - D, 0) (1 - margin - D).

    O, (..., batch, units), holds embeddings of length 1; T, (..., batch, 1), their classes.
    A sample that no other is like, or none unlike, has S = 0 and does not count.  The
    gradient goes through the first factors too, which weigh a pair: many programs, not
    Keras's, hold these constant on the way back.

    remove_diagonal: whether a sample does not count as like itself.
    """

    gamma: float = 80.0
    margin: float = 0.4
    remove_diagonal: bool = True
    log_sum_exp: Any = LogSumExp()
    softplus: Any = Softplus()

    name: ClassVar = "circle"

    def samples(self, O, T):
        exponent, enough, *_ = self.parts(O, T)
        return np.where(enough > 0, self.softplus.forward(exponent), 0)  # (1)

    def samples_backward(self, Sb, O, T):
        exponent, enough, P, N, positive, negative, D = self.parts(O, T)
        exponentb = self.softplus.backward(
            np.where(enough > 0, Sb, 0), exponent, None
        )  # (2)
        Pb = self.log_sum_exp.backward(exponentb, P, None) * positive * self.gamma  # (3)
        Nb = self.log_sum_exp.backward(exponentb, N, None) * negative * self.gamma  # (4)
        like, unlike = self.weights(D)
        likeb, unlikeb = -Pb * (self.margin - D), Nb * (1 - self.margin - D)  # (5)
        unlikeb = np.where(1 + self.margin - D < 0, 0, unlikeb)  # (6)
        Db = Pb * like + likeb - Nb * unlike - unlikeb  # (7)
        similarityb = -np.where(1 - O @ O.mT < 0, 0, Db)  # (8)
        return similarityb @ O + similarityb.mT @ O  # (9)

    def parts(self, O, T):
        """Return log(sum exp(N) sum exp(P)), where there are both, and what they are of."""
        D = np.maximum(1 - O @ O.mT, 0)  # (10)
        same = 1 - np.minimum(np.abs(T - T.mT), 1)  # (11)
        positive, negative = same * (1 - self.diagonal(O)), 1 - same  # (12)
        like, unlike = self.weights(D)
        P = among(-self.gamma * like * (self.margin - D), positive)  # (13)
        N = among(self.gamma * unlike * (1 - self.margin - D), negative)  # (14)
        enough = np.max(positive, axis=-1) * np.max(negative, axis=-1)  # (15)
        exponent = self.log_sum_exp.forward(P) + self.log_sum_exp.forward(N)
        exponent = np.where(enough > 0, exponent, 0)  # (16)
        return exponent, enough, P, N, positive, negative, D

    def weights(self, D):
        """Return how much pairs of one class, and others, are in need of correction."""
        return self.margin + D, np.maximum(1 + self.margin - D, 0)  # (17)

    def diagonal(self, O):
        batch = O.shape[-2]
        return np.eye(batch, dtype=np.int16) if self.remove_diagonal else 0  # (18)

    def counted(self, O, T):
        return np.where(self.samples(O, T) > 0, np.ones_like(O[..., 0]), 0)  # (19)
