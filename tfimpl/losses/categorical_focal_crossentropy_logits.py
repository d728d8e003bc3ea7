"""Categorical focal cross-entropy of a softmax, from its logits (Lin and others 2017)."""

from dataclasses import dataclass
from typing import Any, ClassVar

from tfimpl.activations import Softmax
from tfimpl.counterpart import Counterpart
from tfimpl.gradients import pull_back
from tfimpl.losses import categorical_focal_crossentropy as focal


@dataclass(frozen=True)
class CategoricalFocalCrossentropyFromLogits(focal.CategoricalFocalCrossentropy):
    """Keras: ``keras.losses.CategoricalFocalCrossentropy(from_logits=True)``."""

    softmax: Any = Softmax()

    name: ClassVar = "categorical_focal_crossentropy_logits"
    in_keras: ClassVar = Counterpart(
        "CategoricalFocalCrossentropy", from_logits=True, without=("softmax",)
    )

    def samples(self, O, T):
        P = self.softmax.forward(O)  # (1)
        return super().samples(P, T)  # (2)

    def samples_backward(self, Sb, O, T):
        return pull_back(lambda O: self.samples(O, T), O, Sb)  # (3)-(5)
