"""What Keras's base class does around the update of every optimizer."""

from dataclasses import dataclass, replace
from typing import ClassVar

import keras
import tensorflow as tf

from tfimpl.counterpart import Counterpart, keras_object
from tfimpl.optimizers.clipping import clip_by_global_norm, clip_by_norm, clip_by_value


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """Keras: ``Optimizer``, the base of all; its subclasses have a ``learning_rate``."""

    weight_decay: float | None = None
    exclude_from_weight_decay: tuple = ()
    clipnorm: float | None = None
    clipvalue: float | None = None
    global_clipnorm: float | None = None
    use_ema: bool = False
    ema_momentum: float = 0.99
    ema_overwrite_frequency: int | None = None
    loss_scale_factor: float | None = None
    gradient_accumulation_steps: int | None = None

    slot_names: ClassVar[tuple] = ()
    looks_ahead: ClassVar = False  # whether ``points`` are others than the variables
    in_keras: ClassVar[Counterpart | None] = Counterpart(
        without=("exclude_from_weight_decay",)
    )

    def with_learning_rate(self, rate):
        """Return the same optimizer with another learning rate."""
        return replace(self, learning_rate=rate)

    @property
    def all_slot_names(self):
        """The optimizer's own ``slot_names``, then those of the options."""
        accumulator = ("gradient_accumulator",) if self.gradient_accumulation_steps else ()
        average = ("average",) if self.use_ema else ()
        return (*self.slot_names, *accumulator, *average)

    def build(self, variable):
        """Return the optimizer's own slots of one variable before the first step."""
        return ()

    def build_all(self, variable):
        """Return all slots of one variable before the first step."""
        options = len(self.all_slot_names) - len(self.slot_names)
        return (*self.build(variable), *(tf.zeros_like(variable) for _ in range(options)))

    def points(self, variables, slots):
        """Return where a step takes the gradients: at the variables themselves."""
        return variables

    @property
    def scales_loss(self):
        """Whether Keras differentiates a multiple of the loss."""
        return self.loss_scale_factor is not None

    def scale_loss(self, gradients, slots):
        """Return the gradients of the scaled loss: they are what ``apply`` is given."""
        if self.loss_scale_factor is None:
            return gradients
        return tuple(gradient * self.loss_scale_factor for gradient in gradients)

    def apply(self, variables, gradients, slots, step):
        """Return the new variables and slots, each a tuple in the order of the variables.

        slots: for each variable a tuple in the order of ``all_slot_names``.
        step: counts from 1 and has the variables' dtype.
        """
        own, accumulators, averages = self._by_kind(slots)
        gradients = self._unscaled(gradients)
        learning_rate = self._learning_rate(step - 1)
        if self.gradient_accumulation_steps is None:
            updates = step - 1
            variables, own = self._update_all(
                variables, gradients, own, step, learning_rate
            )
        else:
            k = self.gradient_accumulation_steps
            updates, ready = (step - 1) // k, step % k < 1
            gradients, accumulators = self._accumulated(gradients, accumulators, ready)
            updated = self._update_all(
                variables, gradients, own, updates + 1, learning_rate
            )
            variables, own = chosen(ready, updated, (variables, own))
        if self.use_ema:
            averages = self._average_all(variables, averages, updates)
        if self.use_ema and self.ema_overwrite_frequency:
            variables = self._overwritten(variables, averages, updates)
        return tuple(variables), joined(own, accumulators, averages)

    def _unscaled(self, gradients):
        if self.loss_scale_factor is None:
            return gradients
        return [gradient / self.loss_scale_factor for gradient in gradients]  # (1)

    def _accumulated(self, gradients, accumulators, ready):
        """Return the means of the gradients until now, and the new accumulators."""
        k = self.gradient_accumulation_steps
        sums = [g + a for g, a in zip(gradients, accumulators)]
        accumulators = [tf.where(ready, tf.zeros_like(s), s) for s in sums]
        return [s / k for s in sums], accumulators  # (2)

    def _update_all(self, variables, gradients, slots, step, learning_rate):
        """Clip, decay, and take the optimizer's own step with every variable."""
        gradients = self._clipped(gradients)  # (3)
        variables = [
            self._decayed(variable, k, learning_rate)  # (4)
            for k, variable in enumerate(variables)
        ]
        updated = [
            self.update(variable, gradient, slot, step, learning_rate)  # (5)
            for variable, gradient, slot in zip(variables, gradients, slots)
        ]
        return [variable for variable, _ in updated], [slot for _, slot in updated]

    def _average_all(self, variables, averages, updates):
        later = tf.where(updates < 1, tf.zeros_like(updates), tf.ones_like(updates))
        momentum = later * self.ema_momentum
        return [
            momentum * a + (1 - momentum) * w for w, a in zip(variables, averages)
        ]  # (6)

    def _overwritten(self, variables, averages, updates):
        now = (updates + 1) % self.ema_overwrite_frequency < 1
        return [tf.where(now, a, w) for w, a in zip(variables, averages)]  # (7)

    def _learning_rate(self, iterations):
        """Return the learning rate: the number, or the schedule's at this step."""
        schedule = getattr(self.learning_rate, "rate", None)
        return schedule(iterations) if schedule else self.learning_rate

    def _clipped(self, gradients):
        if self.clipnorm is not None:
            return clip_by_norm(gradients, self.clipnorm)
        if self.global_clipnorm is not None:
            return clip_by_global_norm(gradients, self.global_clipnorm)
        if self.clipvalue is not None:
            return clip_by_value(gradients, self.clipvalue)
        return gradients

    def _decayed(self, variable, k, learning_rate):
        decay = self.weight_decay_of(variable)
        if decay is None or k in self.exclude_from_weight_decay:
            return variable
        return variable - variable * decay * learning_rate

    def weight_decay_of(self, variable):
        """Return the weight decay of one variable: ``weight_decay`` for all."""
        return self.weight_decay

    def _by_kind(self, slots):
        """Return the own slots, the accumulators and the averages of all variables."""
        own = [slot[: len(self.slot_names)] for slot in slots]
        rest = [list(slot[len(self.slot_names) :]) for slot in slots]
        accumulators = [r.pop(0) for r in rest] if self.gradient_accumulation_steps else []
        averages = [r.pop(0) for r in rest] if self.use_ema else []
        return own, accumulators, averages

    def keras(self):
        return keras_object(self, keras.optimizers)

    def exclude(self, optimizer, variables):
        """Tell Keras's optimizer which of its variables have no weight decay."""
        if self.exclude_from_weight_decay:
            excluded = [variables[k] for k in self.exclude_from_weight_decay]
            optimizer.exclude_from_weight_decay(var_list=excluded)


def chosen(ready, updated, before):
    """Return what was updated where ``ready``, else what was before."""
    variables = [tf.where(ready, new, old) for new, old in zip(updated[0], before[0])]
    slots = [
        tuple(tf.where(ready, new, old) for new, old in zip(*of_variable))
        for of_variable in zip(updated[1], before[1])
    ]
    return variables, slots


def joined(own, accumulators, averages):
    """Return for each variable its slots as one tuple."""
    options = [slots for slots in (accumulators, averages) if slots]
    return tuple((*slot, *more) for slot, *more in zip(own, *options))
