"""A layer by itself: what flows into it is a weight too, what flows back is given.

E = sum of Y * T, and the layer's penalties if it has any.  So T is the gradient that comes
back to the layer, and that of the weight ``inputs`` is what it hands to the one before it.
The optimizer moves the inputs as it moves the kernel: every step is taken at another place.
"""

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from refimpl.functions import total
from refimpl.layers.back_through_time import flows_of
from refimpl.networks.network import Network, Propagation, letters_of


@dataclass(frozen=True)
class Alone(Network):
    """inputs -> layer -> outputs, both flat: (samples, numbers).

    input_shape: of one sample; a tuple of shapes for a layer of several inputs.
    samples: how many inputs there are.
    given: the inputs are data instead, as whole numbers and masks must be.
    """

    input_shape: tuple
    layer: Any
    samples: int
    given: bool = False

    @cached_property
    def built(self):
        return self.layer.build(self.input_shape)

    @property
    def shapes(self):
        """The shape of each input of a sample."""
        several = isinstance(self.input_shape[0], tuple)
        return self.input_shape if several else (self.input_shape,)

    @property
    def input_names(self):
        if self.given:
            return ()
        count = len(self.shapes)
        return (
            tuple(f"inputs{k}" for k in range(1, count + 1)) if count > 1 else ("inputs",)
        )

    @property
    def weight_names(self):
        return (*self.input_names, *self.built.weight_names)

    @property
    def weight_shapes(self):
        inputs = (
            [] if self.given else [(self.samples, prod(shape)) for shape in self.shapes]
        )
        return (*inputs, *self.built.weight_shapes)

    @property
    def state_names(self):
        return self.built.state_names

    @property
    def activation_names(self):
        return (*self.letters["outputs"], "outputs")

    @property
    def flows_to(self):
        return (*self.letters["outputs"][::-1], *self.shares["outputs"])

    @cached_property
    def letters(self):
        return {"outputs": self.built.letter_names}

    @cached_property
    def shares(self):
        return {"outputs": self.built.share_names}

    @property
    def sparse_names(self):
        return self.built.sparse_names

    def start_states(self):
        return self.built.start_states()

    def shaped(self, flat):
        """Return the layer's inputs of a tuple of flat ones."""
        shaped = tuple(x.reshape(*x.shape[:-1], *s) for x, s in zip(flat, self.shapes))
        return shaped if len(shaped) > 1 else shaped[0]

    def flat(self, x, shapes):
        """Return inputs, or an output, as a tuple of flat ones."""
        xs = x if isinstance(x, tuple) else (x,)
        return tuple(
            x.reshape(*x.shape[: len(x.shape) - len(s)], prod(s))
            for x, s in zip(xs, shapes)
        )

    def forward(self, weights, inputs, states=()):
        """Return the outputs, and what the layer kept for the way back."""
        count = len(self.input_names)
        x = self.shaped((inputs,) if self.given else weights[:count])
        y, kept = self.built.forward((*weights[count:], *states), x)  # (1)
        return *self.flat(y, (self.built.output_shape,)), kept

    def constrained(self, weights):
        """Return the weights as the layer's constraints leave them."""
        count = len(self.input_names)
        return (*weights[:count], *self.built.constrained(weights[count:]))

    def propagate(self, weights, inputs, targets, states=()):
        """Return the activations, the error, the gradients, and the states if any."""
        outputs, kept = self.forward(weights, inputs, states)
        own = (*weights[len(self.input_names) :], *states)
        penalties = self.built.penalties(own, kept)
        error = total(np.sum(outputs * targets, axis=(-2, -1)), penalties)  # (2)
        yb = targets.reshape(*targets.shape[:-1], *self.built.output_shape)
        yb = total(yb, self.built.penalties_back(kept))  # (3)
        xb, gradients = self.built.backward(own, kept, yb)  # (4)
        flowed_back = () if self.given else self.flat(xb, self.shapes)
        letters, flows = letters_of(self.built, kept), flows_of(self.built, kept)
        after = self.built.next_states(kept) if states else ()
        gradients = (*flowed_back, *gradients)
        return Propagation((*letters, outputs), error, gradients, flows, after)
