"""LAMB as Keras has it (You et al. 2020, Algorithm 2, without its weight decay):

    m <- m + (g - m)(1 - beta_1)
    v <- v + (g^2 - v)(1 - beta_2)
    u = m / (1 - beta_1^t) / (sqrt(v / (1 - beta_2^t)) + epsilon)
    w <- w - |w| / |u| learning_rate u

The norms are over the whole variable; the ratio is 1 where either is 0.  The
paper's ratio is phi(|w|) / |u| with a scaling function phi; here phi is the
identity.  The paper adds the decay to u, so that it passes through the ratio;
Keras's decay is the base class's, before the step, and does not.  TensorFlow
Addons has the paper's decay and an epsilon of 1e-6.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.checks import fraction, not_negative
from refimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class Lamb(Optimizer):
    """Keras: ``Lamb``; the slots are m and v."""

    learning_rate: float = 0.001
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7

    slot_names: ClassVar = ("momentum", "velocity")

    def __post_init__(self):
        super().__post_init__()
        fraction("beta_1", self.beta_1)
        fraction("beta_2", self.beta_2)
        not_negative("epsilon", self.epsilon)

    def build(self, variable):
        return np.zeros_like(variable), np.zeros_like(variable)

    def update(self, variable, gradient, slots, step, learning_rate):
        m, v = slots
        m = m + (gradient - m) * (1 - self.beta_1)  # (1)
        v = v + (np.square(gradient) - v) * (1 - self.beta_2)  # (2)
        m_hat = m / (1 - self.beta_1**step)  # (3)
        root = np.sqrt(v / (1 - self.beta_2**step)) + self.epsilon  # (4)
        update = m_hat / root  # (5)
        w_norm = np.sqrt(np.sum(variable**2, axis=(-2, -1), keepdims=True))  # (6)
        u_norm = np.sqrt(np.sum(update**2, axis=(-2, -1), keepdims=True))  # (7)
        ratio = np.where(u_norm > 0, w_norm / u_norm, 1.0)  # (8)
        ratio = np.where(w_norm > 0, ratio, 1.0)  # (9)
        variable = variable - ratio * learning_rate * update  # (10)
        return variable, (m, v)
