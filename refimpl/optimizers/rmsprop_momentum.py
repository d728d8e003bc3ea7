"""RMSprop with momentum as Keras has it (Tieleman, Hinton 2012; momentum: Graves 2013):

    h <- rho h + (1 - rho) g^2
    p <- m p + a g / sqrt(h + epsilon)
    w <- w - p

The lecture only proposes to combine the two; the form is Graves's, see
``rmsprop_centered_momentum``, without his average of the gradient.  The learning
rate stands inside p: a change of the rate reaches the steps that p still remembers
only slowly.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.checks import fraction, not_negative, positive_fraction
from refimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class RMSpropMomentum(Optimizer):
    """Keras: ``RMSprop(momentum=...)``, momentum above 0; the slots are h and p."""

    learning_rate: float = 0.001
    rho: float = 0.9
    momentum: float = 0.9
    epsilon: float = 1e-7

    slot_names: ClassVar = ("velocity", "momentum")

    def __post_init__(self):
        super().__post_init__()
        fraction("rho", self.rho)
        positive_fraction("momentum", self.momentum)
        not_negative("epsilon", self.epsilon)

    def build(self, variable):
        return np.zeros_like(variable), np.zeros_like(variable)

    def update(self, variable, gradient, slots, step, learning_rate):
        velocity, momentum = slots
        velocity = self.rho * velocity + (1 - self.rho) * np.square(gradient)  # (1)
        root = np.sqrt(velocity + self.epsilon)  # (2)
        increment = learning_rate * gradient / root  # (3)
        momentum = self.momentum * momentum + increment  # (4)
        variable = variable - momentum  # (5)
        return variable, (velocity, momentum)
