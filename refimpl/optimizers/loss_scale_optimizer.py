"""Dynamic loss scaling as Keras has it (Micikevicius et al. 2018):

    L' = scale L, so the gradients arrive times scale
    if all gradients are finite:
        the inner optimizer takes a step with g / scale
        scale <- 2 scale after dynamic_growth_steps such steps
    else: no step, and scale <- scale / 2

Keras keeps the scale in float32, and the inner optimizer counts its own steps.  Both,
and the steps since the scale last changed, are numbers of the whole optimizer: here
each variable has them as slots of the shape (1, 1).
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from refimpl.checks import at_least, positive


@dataclass(frozen=True)
class LossScaleOptimizer:
    """Keras: ``LossScaleOptimizer``.

    inner_optimizer: any other optimizer.  A loss_scale_factor of its own is taken from it,
        as Keras does: the gradients are not scaled by it, nor must they be divided by it.
    """

    inner_optimizer: Any
    initial_scale: float = 2.0**15
    dynamic_growth_steps: int = 2000

    def __post_init__(self):
        positive("initial_scale", self.initial_scale)
        at_least(1, "dynamic_growth_steps", self.dynamic_growth_steps)
        if getattr(self.inner_optimizer, "loss_scale_factor", None) is not None:
            inner = replace(self.inner_optimizer, loss_scale_factor=None)
            object.__setattr__(self, "inner_optimizer", inner)

    @property
    def learning_rate(self):
        return self.inner_optimizer.learning_rate

    def with_learning_rate(self, rate):
        """Return the same scaling around the inner optimizer with another learning rate."""
        inner = self.inner_optimizer.with_learning_rate(rate)
        return replace(self, inner_optimizer=inner)

    @property
    def slot_names(self):
        return (*self.inner_optimizer.all_slot_names, "iteration", "counter", "scale")

    @property
    def all_slot_names(self):
        return self.slot_names

    def build_all(self, variable):
        """Return all slots of one variable before the first step."""
        zero = np.zeros_like(variable[..., :1, :1])
        return (
            *self.inner_optimizer.build_all(variable),
            zero,
            zero,
            zero + self.initial_scale,
        )

    def points(self, variables, slots):
        """Return where the inner optimizer takes the gradients."""
        inner = tuple(slot[:-3] for slot in slots)
        return self.inner_optimizer.points(variables, inner)

    @property
    def scales_loss(self):
        return True

    def scale_loss(self, gradients, slots):
        """Return the gradients of the scaled loss: they are what ``apply`` is given."""
        return tuple(g * slot[-1] for g, slot in zip(gradients, slots))  # (1)

    def _finite(self, gradients):
        """Return whether every number of every gradient is finite, as (..., 1, 1)."""
        largest = [np.max(np.abs(g), axis=(-2, -1), keepdims=True) for g in gradients]
        product = sum(number * 0 for number in largest)  # 0, or not a number
        return product < 1  # (2)

    def apply(self, variables, gradients, slots, step):
        """Return the new variables and slots, each a tuple for the variables in order."""
        inner = tuple(slot[:-3] for slot in slots)
        iteration, counter, scale = slots[0][-3:]
        finite = self._finite(gradients)
        unscaled = tuple(g / scale for g in gradients)  # (3)
        updated, stepped = self.inner_optimizer.apply(
            variables, unscaled, inner, iteration + 1
        )
        variables = _where(finite, updated, variables)
        inner = tuple(_where(finite, new, old) for new, old in zip(stepped, inner))
        grown = counter + 1 > self.dynamic_growth_steps - 0.5
        scale = np.where(finite, np.where(grown, scale * 2, scale), scale * 0.5)  # (4)
        counter = np.where(finite, np.where(grown, counter * 0, counter + 1), counter * 0)
        iteration = np.where(finite, iteration + 1, iteration)  # (5)
        return variables, tuple((*slot, iteration, counter, scale) for slot in inner)


def _where(condition, chosen, other):
    return tuple(np.where(condition, new, old) for new, old in zip(chosen, other))
