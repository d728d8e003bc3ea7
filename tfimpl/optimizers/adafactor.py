"""Adafactor as Keras has it (Shazeer, Stern 2018, for matrices and for vectors)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class Adafactor(Optimizer):
    """Keras: ``Adafactor``; the slots are r, c and v."""

    learning_rate: float = 0.001
    beta_2_decay: float = -0.8
    epsilon_1: float = 1e-30
    epsilon_2: float = 1e-3
    clip_threshold: float = 1.0
    relative_step: bool = True

    slot_names: ClassVar = ("r", "c", "velocity")

    def build(self, variable):
        v = tf.zeros_like(variable)
        if variable.shape[-2] == 1:
            return v[..., :1], v[..., :1], v
        return v[..., :1], v[..., :1, :], v

    def update(self, variable, gradient, slots, step, learning_rate):
        r, c, v = slots
        rate = tf.zeros_like(step) + learning_rate  # (1)
        if self.relative_step:
            rate = tf.minimum(rate, 1 / tf.sqrt(step))  # (2)
        rho = tf.minimum(rate, 1 / tf.sqrt(step))  # (3)
        alpha = tf.maximum(_rms(variable), self.epsilon_2) * rho  # (4)
        squared = tf.square(gradient) + self.epsilon_1  # (5)
        beta_2 = 1 - step**self.beta_2_decay  # (6)
        if variable.shape[-2] == 1:
            v = beta_2 * v + (1 - beta_2) * squared  # (7)
        else:
            r = beta_2 * r + (1 - beta_2) * _mean(squared, axis=-1)  # (8)
            c = beta_2 * c + (1 - beta_2) * _mean(squared, axis=-2)  # (9)
            v = r / _mean(r, axis=-2) * c  # (10)
        u = gradient / tf.sqrt(v)  # (11)
        u = u / tf.maximum(_rms(u) / self.clip_threshold, 1.0)  # (12)
        variable = variable - alpha * u  # (13)
        return variable, (r, c, v)

    @staticmethod
    def keras_slot(optimizer, variables, k, slot, name):
        """Keras keeps r and c of matrices only, both under the variable's own name."""
        if slot == "velocity":
            return next(v.value for v in optimizer.variables if v.name == name)
        if len(variables[k].shape) < 2:
            return None
        mine = [v for v in optimizer.variables if v.name == variables[k].name]
        before = sum(v.name == variables[k].name for v in variables[:k])
        return mine[2 * before + ("r", "c").index(slot)].value


def _mean(x, axis):
    return tf.reduce_mean(x, axis, keepdims=True)


def _rms(x):
    return tf.sqrt(tf.reduce_mean(tf.square(x), (-2, -1), keepdims=True))
