"""Hard SiLU, also called hard swish (Howard and others 2019, section 5.2)."""

from dataclasses import dataclass
from typing import Any, ClassVar

from refimpl.activations.activation import Activation
from refimpl.activations.hard_sigmoid import HardSigmoid


@dataclass(frozen=True)
class HardSiLU(Activation):
    """y = x h with h = hard_sigmoid(x); dy/dx = h + x dh/dx.

    At the kinks dh/dx is 0: the derivative is 0 at -3 and 1 at 3, each the outer one.
    """

    hard_sigmoid: Any = HardSigmoid()

    name: ClassVar = "hard_silu"

    def forward(self, x):
        return x * self.hard_sigmoid.forward(x)  # (1)

    def backward(self, yb, x, y):
        h = self.hard_sigmoid.forward(x)  # (2)
        return yb * h + self.hard_sigmoid.backward(yb * x, x, h)  # (3)
