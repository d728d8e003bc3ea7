"""Hard SiLU, also called hard swish (Howard and others 2019, section 5.2)."""

from dataclasses import dataclass
from typing import Any, ClassVar

from tfimpl.activations.activation import Activation
from tfimpl.activations.hard_sigmoid import HardSigmoid
from tfimpl.counterpart import Counterpart
from tfimpl.gradients import pull_back


@dataclass(frozen=True)
class HardSiLU(Activation):
    """Keras: ``activation="hard_silu"``, the same as ``"hard_swish"``."""

    hard_sigmoid: Any = HardSigmoid()

    name: ClassVar = "hard_silu"
    in_keras: ClassVar = Counterpart(without=("hard_sigmoid",))

    def forward(self, x):
        return x * self.hard_sigmoid.forward(x)  # (1)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (2)-(3)
