"""The largest of several inputs, element by element."""

from dataclasses import dataclass

import numpy as np

from refimpl.layers.merge import Merge


@dataclass(frozen=True)
class Maximum(Merge):
    """y = largest of x1, x2, ...

    Among equals the first one gets the gradient, as TensorFlow has it.
    """

    def forward(self, weights, x):
        y, *others = x = self.aligned(x)
        for each in others:
            y = np.maximum(y, each)  # (1)
        return y, x

    def backward(self, weights, kept, yb):
        best, *others = kept
        gradients = [yb]
        for each in others:
            stays = best >= each  # (2)
            gradients = [np.where(stays, g, 0) for g in gradients]  # (3)
            gradients.append(np.where(stays, 0, yb))  # (4)
            best = np.maximum(best, each)
        return self.back_to_inputs(kept, gradients), ()
