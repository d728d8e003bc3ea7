"""A layer at every time step, with the same weights (seed 000, 7-4)."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from refimpl.layers.wrapper import Wrapper


@dataclass(frozen=True)
class TimeDistributed(Wrapper):
    """x (..., batch, steps, *shape) -> y (..., batch, steps, *the layer's output_shape).

    To the layer each time step is a sample.  ``build`` raises ValueError for a layer with
    states, which Keras changes once for every time step, or with a penalty on its outputs,
    which Keras forgets (``keras-time-distributed-activity`` in equivalence/defects).
    """

    takes_mask: ClassVar = False
    letter_names: ClassVar = ()
    share_names: ClassVar = ()

    def build(self, input_shape):
        built = super().build(input_shape)
        if built.state_names:
            raise ValueError("a layer with states cannot be taken at every time step")
        inside = built.inner
        if getattr(inside, "activity_regularizer", None) or getattr(
            inside, "activity", None
        ):
            raise ValueError("Keras forgets the activity_regularizer of a layer in here")
        return built

    @cached_property
    def inner(self):
        return self.layer.build(self.input_shape[1:])

    @property
    def output_shape(self):
        return (self.input_shape[0], *self.inner.output_shape)

    def next_mask(self, x, mask):
        return mask

    def forward(self, weights, x):
        leading = self.leading(x)
        samples = x.reshape(*leading, -1, *self.input_shape[1:])  # (1)
        y, kept = self.inner.forward(weights, samples)  # (2)
        return y.reshape(*leading, -1, *self.output_shape), (kept, x)  # (3)

    def backward(self, weights, kept, yb):
        kept, x = kept
        yb = yb.reshape(*self.leading(x), -1, *self.inner.output_shape)  # (4)
        xb, gradients = self.inner.backward(weights, kept, yb)  # (5)
        return xb.reshape(*x.shape), gradients
