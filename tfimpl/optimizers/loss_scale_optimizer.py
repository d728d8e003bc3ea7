"""Dynamic loss scaling as Keras has it (Micikevicius et al. 2018)."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import keras
import tensorflow as tf

from tfimpl.counterpart import Counterpart, keras_object


@dataclass(frozen=True)
class LossScaleOptimizer:
    """Keras: ``LossScaleOptimizer``."""

    inner_optimizer: Any
    initial_scale: float = 2.0**15
    dynamic_growth_steps: int = 2000

    in_keras: ClassVar = Counterpart()

    def __post_init__(self):
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
        zero = tf.zeros_like(variable[..., :1, :1])
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
        largest = [tf.reduce_max(tf.abs(g), (-2, -1), keepdims=True) for g in gradients]
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
        scale = tf.where(finite, tf.where(grown, scale * 2, scale), scale * 0.5)  # (4)
        counter = tf.where(finite, tf.where(grown, counter * 0, counter + 1), counter * 0)
        iteration = tf.where(finite, iteration + 1, iteration)  # (5)
        return variables, tuple((*slot, iteration, counter, scale) for slot in inner)

    def keras(self):
        return keras_object(self, keras.optimizers)

    def exclude(self, optimizer, variables):
        """Tell Keras's optimizer which of its variables have no weight decay."""
        self.inner_optimizer.exclude(optimizer.inner_optimizer, variables)

    @staticmethod
    def keras_slot(optimizer, variables, k, slot, name):
        """Keras has one of each of these for all variables."""
        if slot == "iteration":
            mine = optimizer.inner_optimizer.variables
            return next(v.value for v in mine if v.name == "iteration")
        if slot in ("counter", "scale"):
            of_all = {"counter": "step_counter", "scale": "dynamic_scale"}[slot]
            return next(v.value for v in optimizer.variables if v.name == of_all)
        return next(v.value for v in optimizer.variables if v.path.endswith(f"/{name}"))


def _where(condition, chosen, other):
    return tuple(tf.where(condition, new, old) for new, old in zip(chosen, other))
