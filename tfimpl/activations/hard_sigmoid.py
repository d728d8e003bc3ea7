"""Hard sigmoid: a straight line from (-3, 0) to (3, 1)."""

from dataclasses import dataclass
from typing import Any, ClassVar

from tfimpl.activations.activation import Activation
from tfimpl.activations.relu6 import ReLU6
from tfimpl.counterpart import Counterpart
from tfimpl.gradients import pull_back


@dataclass(frozen=True)
class HardSigmoid(Activation):
    """Keras: ``activation="hard_sigmoid"``."""

    relu6: Any = ReLU6()

    name: ClassVar = "hard_sigmoid"
    in_keras: ClassVar = Counterpart(without=("relu6",))

    def forward(self, x):
        return self.relu6.forward(x + 3) / 6  # (1)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (2)
