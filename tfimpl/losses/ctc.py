"""Connectionist temporal classification (Graves and others 2006, section 4)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import tensorflow as tf

from tfimpl.activations import LogSoftmax
from tfimpl.counterpart import Counterpart
from tfimpl.losses.log_sum_exp import NEVER, LogSumExp, among, settled
from tfimpl.losses.loss import Loss


@dataclass(frozen=True)
class CTC(Loss):
    """Keras: ``keras.losses.CTC``, by ``tf.nn.ctc_loss`` of dense labels, in float32.

    That is ctc_loss_and_grad in ``tensorflow/python/ops/ctc_ops.py``, which writes its
    gradient out.  So does ``samples_backward``; ``backward`` is the tape's.
    """

    log_softmax: Any = LogSoftmax()
    log_sum_exp: Any = LogSumExp()

    name: ClassVar = "ctc"
    impossible: ClassVar = NEVER  # where no path begins or ends
    in_keras: ClassVar = Counterpart(without=("log_softmax", "log_sum_exp"))

    def samples(self, O, T):
        seen = self.seen(self.log_softmax.forward(O), T)  # (1)
        beta, scales = self.ends(seen, T)  # (2)
        return -(beta[..., 0, 0] + tf.reduce_sum(scales, axis=-1))  # (3)

    def samples_backward(self, Sb, O, T):
        y = self.log_softmax.forward(O)  # (4)
        alpha = self.beginnings(self.seen(y, T), T)  # (5)
        beta, _ = self.ends(self.seen(y, T), T)  # (6)
        through = settled(alpha[..., 1:, :] + beta[..., 1:, :])  # (7)
        through = settled(through - self.log_sum_exp.forward(through)[..., None])  # (8)
        of_class = among(through[..., None, :], self.hot(O, T)[..., None, :, :])  # (9)
        share = self.log_sum_exp.forward(of_class)  # (10)
        return Sb[..., None, None] * (tf.exp(y) - tf.exp(share))  # (11)

    def beginnings(self, seen, T):
        """Return log alpha, (..., batch, 1 + steps, states); equations (6) and (7)."""
        certain = tf.zeros_like(seen[..., 0, :])
        alpha = [among(certain, self.first(T), self.impossible)]  # (12)
        for t in range(seen.shape[-2]):
            here, skipped = alpha[-1], among(moved(alpha[-1], 2), self.skips(T))
            before = tf.stack([here, moved(here, 1), skipped], axis=-1)  # (13)
            now = settled(self.log_sum_exp.forward(before) + seen[..., t, :])  # (14)
            scale = self.log_sum_exp.forward(now)[..., None]  # (15)
            alpha.append(settled(now - scale))  # (16)
        return tf.stack(alpha, axis=-2)

    def ends(self, seen, T):
        """Return log beta, (..., batch, 1 + steps, states), and the logarithms of its
        scales, (..., batch, steps); equations (10) and (11).
        """
        certain = tf.zeros_like(seen[..., 0, :])
        beta, scales = [among(certain, self.last(T), self.impossible)], []  # (17)
        for t in reversed(range(seen.shape[-2])):
            here = settled(beta[0] + seen[..., t, :])  # (18)
            skipped = moved(among(here, self.skips(T)), -2)
            after = tf.stack([here, moved(here, -1), skipped], axis=-1)  # (19)
            now = self.log_sum_exp.forward(after)  # (20)
            # It cancels: the tape would only bring rounding back from it.
            scale = tf.stop_gradient(self.log_sum_exp.forward(now)[..., None])  # (21)
            beta.insert(0, settled(now - scale))  # (22)
            scales.insert(0, scale[..., 0])
        return tf.stack(beta, axis=-2), tf.stack(scales, axis=-1)

    def seen(self, y, T):
        """Return log y of the class of each state, (..., batch, steps, states)."""
        hot = self.hot(y, T)[..., None, :, 1:]
        of_class = tf.reduce_sum(y[..., None] * hot, axis=-2)  # (23)
        start = tf.zeros_like(of_class[..., :1]) + NEVER  # (24)
        return tf.concat([start, of_class], axis=-1)

    def hot(self, O, T):
        """Return 1 where a state, but the start, is of a class, (..., classes, states)."""
        classes = tf.range(O.shape[-1], dtype=T.dtype)[:, None]
        path = states(-1, T)[..., None, :]  # (25)
        return 1 - tf.minimum(tf.abs(path - classes), 1)  # (26)

    def first(self, T):
        """Return 1 for the start."""
        return states(1, tf.zeros_like(T))  # (27)

    def last(self, T):
        """Return 1 for the last label and the blank behind it."""
        count = tf.reduce_sum(tf.minimum(T, 1), axis=-1, keepdims=True)  # (28)
        pair = tf.repeat(tf.range(1 + T.shape[-1], dtype=T.dtype), 2)
        return 1 - tf.minimum(tf.abs(pair - count), 1)  # (29)

    def skips(self, T):
        """Return 1 for the labels that may follow on the label before, without a blank."""
        other = tf.minimum(tf.abs(T[..., 1:] - T[..., :-1]), 1)  # (30)
        return states(0, tf.concat([tf.ones_like(T[..., :1]), other], axis=-1))

    def each(self, O):
        return O[..., 0, 0]


def states(start, labels):
    """Return what belongs to the states, (..., batch, states); 0 belongs to a blank."""
    first = tf.zeros_like(labels[..., :1]) + start
    labels = tf.concat([first, labels], axis=-1)
    pairs = tf.stack([labels, tf.zeros_like(labels)], axis=-1)  # (31)
    return tf.reshape(pairs, (*labels.shape[:-1], 2 * labels.shape[-1]))


def moved(x, places):
    """Return x of the states so many places before; where none is, NEVER."""
    none = tf.zeros_like(x[..., : abs(places)]) + NEVER
    if places > 0:
        return tf.concat([none, x[..., :-places]], axis=-1)  # (32)
    return tf.concat([x[..., -places:], none], axis=-1)  # (33)
