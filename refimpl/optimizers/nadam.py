"""Nadam as Keras has it (Dozat 2016; Algorithm 8 of its report, which Keras cites):

    mu_t = beta_1 (1 - 0.96^t / 2),  p_t = mu_1 mu_2 ... mu_t
    m <- m + (g - m)(1 - beta_1)
    v <- v + (g^2 - v)(1 - beta_2)
    m' = mu_{t+1} m / (1 - p_{t+1}) + (1 - mu_t) g / (1 - p_t)
    w <- w - learning_rate m' / (sqrt(v / (1 - beta_2^t)) + epsilon)

Dozat's schedule is 0.96^(t / 250): Keras's mu comes within 1 percent of beta_1
after 100 steps, his after 25 000.  Epsilon stands beside the corrected root, as
in Algorithm 1 of Kingma and Ba; Keras's own text calls it their "epsilon hat",
which would stand beside the uncorrected one.

Keras keeps one scalar p for all variables, here a slot of shape (1, 1) for each.
1 - beta is taken at the working precision, as Keras does here.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.checks import fraction, not_negative
from refimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class Nadam(Optimizer):
    """Keras: ``Nadam``; the slots are m, v and p, the last (..., 1, 1).

    Keras's name for p is ``variable``, without the optimizer's or a weight's name.
    """

    learning_rate: float = 0.001
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7

    slot_names: ClassVar = ("momentum", "velocity", "u_product")

    def __post_init__(self):
        super().__post_init__()
        fraction("beta_1", self.beta_1)
        fraction("beta_2", self.beta_2)
        not_negative("epsilon", self.epsilon)

    def build(self, variable):
        one = np.ones_like(variable[..., :1, :1])
        return np.zeros_like(variable), np.zeros_like(variable), one

    def update(self, variable, gradient, slots, step, learning_rate):
        m, v, product = slots
        beta_1 = np.zeros_like(step) + self.beta_1  # (1)
        beta_2 = np.zeros_like(step) + self.beta_2  # (2)
        product = product * self.beta_1 * (1 - 0.5 * 0.96**step)  # (3)
        mu = beta_1 * (1 - 0.5 * 0.96**step)  # (4)
        mu_next = beta_1 * (1 - 0.5 * 0.96 ** (step + 1))  # (5)
        m = m + (gradient - m) * (1 - beta_1)  # (6)
        v = v + (np.square(gradient) - v) * (1 - beta_2)  # (7)
        m_part = mu_next * m / (1 - product * mu_next)  # (8)
        m_hat = m_part + (1 - mu) * gradient / (1 - product)  # (9)
        v_hat = v / (1 - beta_2**step)  # (10)
        root = np.sqrt(v_hat) + self.epsilon  # (11)
        variable = variable - m_hat * learning_rate / root  # (12)
        return variable, (m, v, product)
