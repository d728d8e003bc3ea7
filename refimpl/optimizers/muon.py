"""Muon as Keras has it (Jordan et al. 2024; Liu et al. 2025, equations 1 to 4):

    w <- w - w weight_decay learning_rate
    m <- momentum m + g
    g' = g + momentum m with nesterov, else m
    O = Newton-Schulz(g'), nearly the orthogonal matrix closest to g'
    w <- w - learning_rate O sqrt(max(rows, columns)) rms_rate

and for a bias AdamW (``adamw``) with adam_weight_decay and the rate
learning_rate adam_lr_ratio.  The iteration (``newton_schulz``) has a, b, c = muon_a,
muon_b, muon_c and takes ns_steps steps.

Liu et al. subtract decay and step in one line, take nesterov too, and one
weight_decay for all; the 1e-7 is Jordan's.  With ``rms_rate=None`` no factor
depends on the shape; Jordan's code has sqrt(max(1, rows / columns)) there, of
weights stored as (outputs, inputs).  Keras decides by a variable's rank and path:
here a variable of one row is taken for a bias.  A Keras *kernel* of one row is
orthogonalised, which no array of this shape can tell; ``exclude_layers`` and
``exclude_embeddings``, which go by name, have no counterpart.
"""

from dataclasses import dataclass, field
from math import sqrt
from typing import ClassVar

import numpy as np

from refimpl.checks import fraction, not_negative
from refimpl.optimizers.newton_schulz import NewtonSchulz
from refimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class Muon(Optimizer):
    """Keras: ``Muon``; the slots are m and, of a bias only, Adam's v.

    Of a kernel v stays 0; Keras has no such slot there.
    """

    learning_rate: float = 0.001
    adam_beta_1: float = 0.9
    adam_beta_2: float = 0.999
    adam_weight_decay: float | None = 0.004
    epsilon: float = 1e-7
    muon_a: float = 3.4445
    muon_b: float = -4.7750
    muon_c: float = 2.0315
    adam_lr_ratio: float = 1
    momentum: float = 0.95
    ns_steps: int = 5
    nesterov: bool = True
    rms_rate: float | None = 0.2
    weight_decay: float | None = field(default=0.004, kw_only=True)
    newton_schulz: NewtonSchulz = field(default=NewtonSchulz(), kw_only=True)

    slot_names: ClassVar = ("momentum", "velocity")

    def __post_init__(self):
        super().__post_init__()
        fraction("adam_beta_1", self.adam_beta_1)
        fraction("adam_beta_2", self.adam_beta_2)
        not_negative("adam_weight_decay", self.adam_weight_decay)
        not_negative("epsilon", self.epsilon)
        not_negative("adam_lr_ratio", self.adam_lr_ratio)
        fraction("momentum", self.momentum)
        not_negative("ns_steps", self.ns_steps)
        not_negative("rms_rate", self.rms_rate)

    def build(self, variable):
        return np.zeros_like(variable), np.zeros_like(variable)

    def update(self, variable, gradient, slots, step, learning_rate):
        if variable.shape[-2] == 1:
            return self._adam_step(variable, gradient, slots, step, learning_rate)
        return self._muon_step(variable, gradient, slots, learning_rate)

    def weight_decay_of(self, variable):
        return (
            self.adam_weight_decay if variable.shape[-2] == 1 else self.weight_decay
        )  # (1)

    def _muon_step(self, variable, gradient, slots, learning_rate):
        m, v = slots
        m = m + (gradient + m * (self.momentum - 1))  # (2)
        g = gradient + self.momentum * m if self.nesterov else m  # (3)
        orthogonal = self.newton_schulz.forward(
            g, self.muon_a, self.muon_b, self.muon_c, self.ns_steps
        )  # (4)
        update = learning_rate * orthogonal  # (5)
        if self.rms_rate is not None:
            longer = max(variable.shape[-2], variable.shape[-1])
            update = update * sqrt(longer) * self.rms_rate  # (6)
        return variable - update, (m, v)  # (7)

    def _adam_step(self, variable, gradient, slots, step, learning_rate):
        m, v = slots
        rate = (np.zeros_like(step) + learning_rate) * self.adam_lr_ratio  # (8)
        beta_1_power = self.adam_beta_1**step  # (9)
        beta_2_power = self.adam_beta_2**step  # (10)
        alpha = rate * np.sqrt(1 - beta_2_power) / (1 - beta_1_power)  # (11)
        m = m + (gradient - m) * (1 - self.adam_beta_1)  # (12)
        v = v + (np.square(gradient) - v) * (1 - self.adam_beta_2)  # (13)
        variable = variable - m * alpha / (np.sqrt(v) + self.epsilon)  # (14)
        return variable, (m, v)
