"""What every activation function has: a way forward and a way back."""

from typing import ClassVar


class Activation:
    """An activation; ``keras()`` is what a Keras layer takes as its ``activation``."""

    name: ClassVar[str]

    def forward(self, x):
        raise NotImplementedError

    def backward(self, yb, x, y):
        raise NotImplementedError

    def keras(self):
        return self.name
