"""Connectionist temporal classification (Graves and others 2006, section 4)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from refimpl.activations import LogSoftmax
from refimpl.losses.log_sum_exp import NEVER, LogSumExp, among, settled
from refimpl.losses.loss import Loss


@dataclass(frozen=True)
class CTC(Loss):
    """S = -log p, equation (12): p sums the probabilities of all paths through the steps
    that give the labels once repetitions, and then blanks, are taken away.

    O, (..., batch, steps, classes), holds logits; class 0 is the blank.  T, (..., batch,
    labels), holds the labels, and 0 behind the last.

    A path goes through states: a start, a blank, and then each label with a blank behind
    it.  alpha_t(s) is the probability of all beginnings of paths that are in s at step t,
    beta_t(s) of all ends that follow.  Both are logarithms here, rescaled at every step as
    section 4.1 does; what they are divided by is summed apart.  Unlike the paper's, this
    beta leaves the outputs of step t itself out, so that alpha beta is divided by nothing.

    Where no path gives the labels, as with fewer steps than labels, S is above 1e29, which
    stands for infinity.
    """

    log_softmax: Any = LogSoftmax()
    log_sum_exp: Any = LogSumExp()

    name: ClassVar = "ctc"
    impossible: ClassVar = NEVER  # where no path begins or ends

    def samples(self, O, T):
        seen = self.seen(self.log_softmax.forward(O), T)  # (1)
        beta, scales = self.ends(seen, T)  # (2)
        return -(beta[..., 0, 0] + np.sum(scales, axis=-1))  # (3)

    def samples_backward(self, Sb, O, T):
        y = self.log_softmax.forward(O)  # (4)
        alpha = self.beginnings(self.seen(y, T), T)  # (5)
        beta, _ = self.ends(self.seen(y, T), T)  # (6)
        through = settled(alpha[..., 1:, :] + beta[..., 1:, :])  # (7)
        through = settled(through - self.log_sum_exp.forward(through)[..., None])  # (8)
        of_class = among(through[..., None, :], self.hot(O, T)[..., None, :, :])  # (9)
        share = self.log_sum_exp.forward(of_class)  # (10)
        return Sb[..., None, None] * (np.exp(y) - np.exp(share))  # (11)

    def beginnings(self, seen, T):
        """Return log alpha, (..., batch, 1 + steps, states); equations (6) and (7)."""
        certain = np.zeros_like(seen[..., 0, :])
        alpha = [among(certain, self.first(T), self.impossible)]  # (12)
        for t in range(seen.shape[-2]):
            here, skipped = alpha[-1], among(moved(alpha[-1], 2), self.skips(T))
            before = np.stack([here, moved(here, 1), skipped], axis=-1)  # (13)
            now = settled(self.log_sum_exp.forward(before) + seen[..., t, :])  # (14)
            scale = self.log_sum_exp.forward(now)[..., None]  # (15)
            alpha.append(settled(now - scale))  # (16)
        return np.stack(alpha, axis=-2)

    def ends(self, seen, T):
        """Return log beta, (..., batch, 1 + steps, states), and the logarithms of its
        scales, (..., batch, steps); equations (10) and (11).
        """
        certain = np.zeros_like(seen[..., 0, :])
        beta, scales = [among(certain, self.last(T), self.impossible)], []  # (17)
        for t in reversed(range(seen.shape[-2])):
            here = settled(beta[0] + seen[..., t, :])  # (18)
            skipped = moved(among(here, self.skips(T)), -2)
            after = np.stack([here, moved(here, -1), skipped], axis=-1)  # (19)
            now = self.log_sum_exp.forward(after)  # (20)
            scale = self.log_sum_exp.forward(now)[..., None]  # (21)
            beta.insert(0, settled(now - scale))  # (22)
            scales.insert(0, scale[..., 0])
        return np.stack(beta, axis=-2), np.stack(scales, axis=-1)

    def seen(self, y, T):
        """Return log y of the class of each state, (..., batch, steps, states)."""
        hot = self.hot(y, T)[..., None, :, 1:]
        of_class = np.sum(y[..., None] * hot, axis=-2)  # (23)
        start = np.zeros_like(of_class[..., :1]) + NEVER  # (24)
        return np.concatenate([start, of_class], axis=-1)

    def hot(self, O, T):
        """Return 1 where a state, but the start, is of a class, (..., classes, states)."""
        classes = np.arange(O.shape[-1], dtype=np.int16)[:, None]
        path = states(-1, T)[..., None, :]  # (25)
        return 1 - np.minimum(np.abs(path - classes), 1)  # (26)

    def first(self, T):
        """Return 1 for the start."""
        return states(1, np.zeros_like(T))  # (27)

    def last(self, T):
        """Return 1 for the last label and the blank behind it."""
        count = np.sum(np.minimum(T, 1), axis=-1, keepdims=True)  # (28)
        pair = np.arange(1 + T.shape[-1], dtype=np.int16).repeat(2)
        return 1 - np.minimum(np.abs(pair - count), 1)  # (29)

    def skips(self, T):
        """Return 1 for the labels that may follow on the label before, without a blank."""
        other = np.minimum(np.abs(T[..., 1:] - T[..., :-1]), 1)  # (30)
        return states(0, np.concatenate([np.ones_like(T[..., :1]), other], axis=-1))

    def each(self, O):
        return O[..., 0, 0]


def states(start, labels):
    """Return what belongs to the states, (..., batch, states); 0 belongs to a blank."""
    first = np.zeros_like(labels[..., :1]) + start
    labels = np.concatenate([first, labels], axis=-1)
    pairs = np.stack([labels, np.zeros_like(labels)], axis=-1)  # (31)
    return pairs.reshape(*labels.shape[:-1], 2 * labels.shape[-1])


def moved(x, places):
    """Return x of the states so many places before; where none is, NEVER."""
    none = np.zeros_like(x[..., : abs(places)]) + NEVER
    if places > 0:
        return np.concatenate([none, x[..., :-places]], axis=-1)  # (32)
    return np.concatenate([x[..., -places:], none], axis=-1)  # (33)
