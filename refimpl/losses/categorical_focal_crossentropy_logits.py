"""Categorical focal cross-entropy of a softmax, from its logits (Lin and others 2017)."""

from dataclasses import dataclass
from typing import Any, ClassVar

from refimpl.activations import Softmax
from refimpl.losses import categorical_focal_crossentropy as focal


@dataclass(frozen=True)
class CategoricalFocalCrossentropyFromLogits(focal.CategoricalFocalCrossentropy):
    """S of softmax(O), as ``categorical_focal_crossentropy`` has it.

    Keras takes the softmax and forgets its logits: what is clipped learns nothing here too.
    """

    softmax: Any = Softmax()

    name: ClassVar = "categorical_focal_crossentropy_logits"

    def samples(self, O, T):
        P = self.softmax.forward(O)  # (1)
        return super().samples(P, T)  # (2)

    def samples_backward(self, Sb, O, T):
        P = self.softmax.forward(O)  # (3)
        Pb = super().samples_backward(Sb, P, T)  # (4)
        return self.softmax.backward(Pb, O, P)  # (5)
