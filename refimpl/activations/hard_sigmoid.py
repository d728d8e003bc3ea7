"""Hard sigmoid: a straight line from (-3, 0) to (3, 1)."""

from dataclasses import dataclass
from typing import Any, ClassVar

from refimpl.activations.activation import Activation
from refimpl.activations.relu6 import ReLU6


@dataclass(frozen=True)
class HardSigmoid(Activation):
    """y = relu6(x + 3) / 6; dy/dx = 1/6 between -3 and 3, and 0 elsewhere, at both kinks
    too.
    """

    relu6: Any = ReLU6()

    name: ClassVar = "hard_sigmoid"

    def forward(self, x):
        return self.relu6.forward(x + 3) / 6  # (1)

    def backward(self, yb, x, y):
        return self.relu6.backward(yb / 6, x + 3, self.relu6.forward(x + 3))  # (2)
