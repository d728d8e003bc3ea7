"""The end of a network, an activation, and networks of one part, each as a form."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from equivalence.diagnose.forms.layers import core
from refimpl.activations.activation import Activation
from refimpl.functions import total
from refimpl.networks.network import Network, Propagation
from refimpl.networks.sequential import Sequential


@dataclass(frozen=True)
class OutputForm:
    """An output of ``refimpl`` with factors, or with the derivative of another loss.

    of_error, of_slope: ``(batch, units) -> factor`` of E and of its derivative.
    slope: ``(output, Z, O, T) -> Zb`` instead of the output's own, None for that.
    value: ``(output, Z, O, T) -> E``, likewise.
    """

    inner: Any
    of_error: Any = None
    of_slope: Any = None
    slope: Any = None
    value: Any = None

    @property
    def activation(self):
        return self.inner.activation

    @property
    def loss(self):
        return self.inner.loss

    @property
    def of_logits(self):
        return self.inner.of_logits

    def forward(self, Z):
        return self.inner.forward(Z)

    def error(self, Z, O, T):
        E = self.value(self.inner, Z, O, T) if self.value else self.inner.error(Z, O, T)
        return E * self.of_error(*O.shape[-2:]) if self.of_error else E

    def backward(self, Z, O, T):
        slope = self.slope or (lambda output, *args: output.backward(*args))
        Zb = slope(self.inner, Z, O, T)
        return Zb * self.of_slope(*O.shape[-2:]) if self.of_slope else Zb


@dataclass(frozen=True)
class ActivationForm(Activation):
    """An activation with another way forward, or back: functions as an Activation's methods."""

    inner: Any
    forth: Any = None
    back: Any = None

    @property
    def name(self):
        return self.inner.name

    def forward(self, x):
        return self.forth(self.inner, x) if self.forth else self.inner.forward(x)

    def backward(self, yb, x, y):
        if self.back:
            return self.back(self.inner, yb, x, y)
        return self.inner.backward(yb, x, y)


@dataclass(frozen=True)
class RowForm(Sequential):
    """Layers in a row.

    named: the weights' names, where they are not the layers' own.
    moved: by which rate weights have been moved already where they carry a gradient back.
    """

    named: tuple = ()
    moved: Any = None

    @property
    def weight_names(self):
        return self.named or super().weight_names

    @cached_property
    def labels(self):
        """The class of each layer in small letters, and its place where there are several."""
        kinds = [type(core(layer)).__name__.lower().removesuffix("form") for layer in self.layers]
        counts = dict.fromkeys(kinds, 0)
        found = []
        for kind in kinds:
            counts[kind] += 1
            found.append(f"{kind}{counts[kind]}" if kinds.count(kind) > 1 else kind)
        return tuple(found)

    def propagate(self, weights, inputs, targets, states=()):
        """Return what ``Sequential`` does; moved weights carry back what has not arisen yet."""
        if self.moved is None:
            return super().propagate(weights, inputs, targets, states)
        activations, everything = self.forward(weights, inputs, states)
        error = self.output.error(*activations[-2:], targets)
        xb = self.output.backward(*activations[-2:], targets)
        gradients, after_step = (), ()
        for layer, own, kept in reversed(
            list(zip(self.built, self.of_each(weights, states), everything))
        ):
            yb = total(xb, layer.penalties_back(kept))
            _, of_layer = layer.backward(own, kept, yb)
            after = [w - self.moved * g for w, g in zip(own, of_layer)]
            xb, _ = layer.backward((*after, *own[len(after) :]), kept, yb)
            gradients = (*of_layer, *gradients)
            after_step = (*layer.next_states(kept), *after_step)
        return Propagation(activations, error, gradients, (), after_step)


@dataclass(frozen=True)
class LossAlone(Network):
    """A loss: its outputs are the weights."""

    output: Any
    weight_names: ClassVar = ("outputs",)

    def propagate(self, weights, inputs, targets):
        (Z,) = weights
        O = self.output.forward(Z)
        E, Zb = self.output.error(Z, O, targets), self.output.backward(Z, O, targets)
        return Propagation((), E, (Zb,))


@dataclass(frozen=True)
class ActivationAlone(Network):
    """An activation: its inputs are the weights, the targets flow back."""

    activation: Any
    weight_names: ClassVar = ("inputs",)
    activation_names: ClassVar = ("outputs",)

    def propagate(self, weights, inputs, targets):
        (x,) = weights
        y = self.activation.forward(x)
        return Propagation((y,), np.sum(y * targets), (self.activation.backward(targets, x, y),))
