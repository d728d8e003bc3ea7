"""Binary focal cross-entropy of a sigmoid, from its logits (Lin and others 2017, (4))."""

from dataclasses import dataclass
from typing import Any, ClassVar

import tensorflow as tf

from tfimpl.activations import Sigmoid
from tfimpl.counterpart import Counterpart
from tfimpl.gradients import pull_back
from tfimpl.losses.loss import Loss


@dataclass(frozen=True)
class BinaryFocalCrossentropyFromLogits(Loss):
    """Keras: ``keras.losses.BinaryFocalCrossentropy(from_logits=True)``."""

    apply_class_balancing: bool = False
    alpha: float = 0.25
    gamma: float = 2.0
    label_smoothing: float = 0.0
    sigmoid: Any = Sigmoid()

    name: ClassVar = "binary_focal_crossentropy_logits"
    in_keras: ClassVar = Counterpart(
        "BinaryFocalCrossentropy", from_logits=True, without=("sigmoid",)
    )

    def samples(self, O, T):
        t = self.smoothed(T)  # (1)
        p = self.sigmoid.forward(O)  # (2)
        q = t * p + (1 - t) * (1 - p)  # (3)
        focal = tf.pow(1 - q, self.gamma) * self.entropy(O, t)  # (4)
        return tf.reduce_mean(self.weight(t) * focal, axis=-1)  # (5)

    def samples_backward(self, Sb, O, T):
        return pull_back(lambda O: self.samples(O, T), O, Sb)  # (6)-(15)

    def entropy(self, O, t):
        cross_entropy = tf.nn.sigmoid_cross_entropy_with_logits
        return cross_entropy(t, O)  # (16)

    def smoothed(self, T):
        s = self.label_smoothing
        return T * (1 - s) + 0.5 * s  # (17)

    def weight(self, t):
        if not self.apply_class_balancing:
            return 1
        return t * self.alpha + (1 - t) * (1 - self.alpha)  # (18)
