"""Muon as Keras has it (Jordan et al. 2024; Liu et al. 2025, equations 1 to 4)."""

from dataclasses import dataclass, field
from math import sqrt
from typing import ClassVar

import tensorflow as tf

from tfimpl.counterpart import Counterpart
from tfimpl.optimizers.newton_schulz import NewtonSchulz
from tfimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class Muon(Optimizer):
    """Keras: ``Muon``; the slots are m and, of a bias only, Adam's v."""

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
    in_keras: ClassVar = Counterpart(without=("newton_schulz",))

    def build(self, variable):
        return tf.zeros_like(variable), tf.zeros_like(variable)

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
        rate = (tf.zeros_like(step) + learning_rate) * self.adam_lr_ratio  # (8)
        beta_1_power = self.adam_beta_1**step  # (9)
        beta_2_power = self.adam_beta_2**step  # (10)
        alpha = rate * tf.sqrt(1 - beta_2_power) / (1 - beta_1_power)  # (11)
        m = m + (gradient - m) * (1 - self.adam_beta_1)  # (12)
        v = v + (tf.square(gradient) - v) * (1 - self.adam_beta_2)  # (13)
        variable = variable - m * alpha / (tf.sqrt(v) + self.epsilon)  # (14)
        return variable, (m, v)

    @staticmethod
    def keras_slot(optimizer, variables, k, slot, name):
        """Keras keeps a velocity only of what Adam updates."""
        return next((v.value for v in optimizer.variables if v.name == name), None)
