"""Nadam as Keras has it (Dozat 2016; Algorithm 8 of its report, which Keras cites)."""

import re
from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class Nadam(Optimizer):
    """Keras: ``Nadam``; the slots are m, v and p, the last (..., 1, 1)."""

    learning_rate: float = 0.001
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7

    slot_names: ClassVar = ("momentum", "velocity", "u_product")

    def build(self, variable):
        one = tf.ones_like(variable[..., :1, :1])
        return tf.zeros_like(variable), tf.zeros_like(variable), one

    def update(self, variable, gradient, slots, step, learning_rate):
        m, v, product = slots
        beta_1 = tf.zeros_like(step) + self.beta_1  # (1)
        beta_2 = tf.zeros_like(step) + self.beta_2  # (2)
        product = product * self.beta_1 * (1 - 0.5 * 0.96**step)  # (3)
        mu = beta_1 * (1 - 0.5 * 0.96**step)  # (4)
        mu_next = beta_1 * (1 - 0.5 * 0.96 ** (step + 1))  # (5)
        m = m + (gradient - m) * (1 - beta_1)  # (6)
        v = v + (tf.square(gradient) - v) * (1 - beta_2)  # (7)
        m_part = mu_next * m / (1 - product * mu_next)  # (8)
        m_hat = m_part + (1 - mu) * gradient / (1 - product)  # (9)
        v_hat = v / (1 - beta_2**step)  # (10)
        root = tf.sqrt(v_hat) + self.epsilon  # (11)
        variable = variable - m_hat * learning_rate / root  # (12)
        return variable, (m, v, product)

    @staticmethod
    def keras_slot(optimizer, variables, k, slot, name):
        """Keras has one u_product for all variables, named ``variable``."""
        if slot == "u_product":
            own = re.compile(r"variable(_\d+)?")  # not that of a weight of this name
            return next(v.value for v in optimizer.variables if own.fullmatch(v.name))
        return next(v.value for v in optimizer.variables if v.name == name)
