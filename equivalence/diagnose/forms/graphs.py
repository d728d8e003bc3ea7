"""A graph of layers as a form: branches, skips, shared layers, several inputs and outputs.

What a layer gives may go to several others, whose gradients meet; a layer may be called several
times, and its weights' gradients are added.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from math import prod
from typing import Any

import numpy as np

from refimpl.functions import total
from refimpl.networks.network import Network, Propagation

ERROR = "E"  # the value that a traced loss gives


@dataclass(frozen=True)
class Part:
    """A layer, built.

    owns: for each weight its place among the network's, a frozen one's behind these.
    """

    label: str
    layer: Any
    owns: tuple = ()


@dataclass(frozen=True)
class Call:
    """One call of a layer: what it takes and gives, values by name.

    several: the layer takes a tuple, even of one.
    """

    name: str
    label: str
    takes: tuple
    gives: tuple
    several: bool = False


@dataclass(frozen=True)
class End:
    """A loss of one value, counted ``weight`` times.

    target: the name of its targets; output: an activation and a loss, of ``refimpl``.
    """

    label: str
    takes: str
    target: str
    output: Any
    weight: float = 1.0


@dataclass(frozen=True)
class GraphForm(Network):
    """inputs -> calls in order -> ends.

    inputs, targets: (name, shape of one sample) of each; they come flat, side by side.
    named, shapes: of the weights, each a matrix; frozen: what no gradient moves.
    starts: the layers' states before the first step, in their order.
    ends: () where a call gives the error, by the name ERROR.
    stopped: ((call, value), ...): where no gradient goes back, by mistake.
    share: ``(batch, units) -> factor`` of an error that a call gives, and of its gradient.
    counts: ((label, which), ...): which call's gradient of a shared layer counts: "first",
        "last", or "mean".
    """

    inputs: tuple
    targets: tuple
    parts: tuple
    calls: tuple
    ends: tuple
    named: tuple
    shapes: tuple
    frozen: tuple = ()
    starts: tuple = ()
    stopped: tuple = ()
    counts: tuple = ()
    share: Any = None

    # ------------------------------------------------------------------- what stands in it

    @property
    def weight_names(self):
        return self.named

    @property
    def labels(self):
        return tuple(part.label for part in self.parts)

    @property
    def layers(self):
        return tuple(part.layer for part in self.parts)

    built = layers

    @property
    def weight_shapes(self):
        return self.shapes

    @property
    def state_names(self):
        return tuple(f"{p.label}.{name}" for p in self.parts for name in p.layer.state_names)

    @property
    def activation_names(self):
        return tuple(name for call in self.calls for name in call.gives)

    def with_layer(self, k, new):
        """Return the graph with another layer in the place of the k-th."""
        parts = list(self.parts)
        old = parts[k].layer
        parts[k] = replace(parts[k], layer=new.build(old.input_shape))
        return replace(self, parts=tuple(parts))

    def with_end(self, k, new):
        """Return the graph with another end in the place of the k-th."""
        ends = (*self.ends[:k], new, *self.ends[k + 1 :])
        return replace(self, ends=ends)

    def calls_of(self, label):
        return tuple(call for call in self.calls if call.label == label)

    @cached_property
    def _layer_of(self):
        return {part.label: part for part in self.parts}

    # ------------------------------------------------------------------------ forth and back

    def start_states(self):
        return self.starts

    def of_each(self, weights, states):
        """Return what belongs to each layer: its weights in its shapes, its states behind."""
        states, every, each = iter(states), (*weights, *self.frozen), {}
        for part in self.parts:
            shapes = part.layer.weight_shapes
            own = tuple(every[k].reshape(shape) for k, shape in zip(part.owns, shapes))
            each[part.label] = (*own, *(next(states) for _ in part.layer.state_names))
        return each

    def forward(self, weights, inputs, targets, states=()):
        """Return all values by name, what belongs to each layer, and what each call kept."""
        values = {**cut(inputs, self.inputs), **cut(targets, self.targets)}
        each, everything, masks = self.of_each(weights, states), [], {}
        for call in self.calls:
            layer = self._layer_of[call.label].layer
            taken = tuple(values[name] for name in call.takes)
            x = taken if call.several or len(taken) > 1 else taken[0]
            mask = next((masks[n] for n in call.takes if masks.get(n) is not None), None)
            more = (mask,) if layer.takes_mask else ()
            y, kept = layer.forward(each[call.label], x, *more)
            given = y if len(call.gives) > 1 else (y,)
            values.update(zip(call.gives, given))
            if len(call.gives) == 1:
                masks[call.gives[0]] = layer.next_mask(x, mask)
            everything.append(kept)
        return values, each, everything

    def constrained(self, weights):
        """Return the weights as the layers' constraints leave them."""
        after = list(weights)
        for part in self.parts:
            if all(k < len(after) for k in part.owns):
                shapes = part.layer.weight_shapes
                own = tuple(after[k].reshape(shape) for k, shape in zip(part.owns, shapes))
                for k, old, new in zip(part.owns, own, part.layer.constrained(own)):
                    after[k] = after[k] if new is old else new.reshape(after[k].shape)
        return tuple(after)

    def propagate(self, weights, inputs, targets, states=()):
        """Return the activations, the error, the gradients and the states."""
        values, each, everything = self.forward(weights, inputs, targets, states)
        errors, back = [], {}
        for end in self.ends:
            error, flow = end_of(end, values)
            errors.append(error)
            back.setdefault(end.takes, []).append(flow)
        if not self.ends:
            units = sum(prod(shape) for _, shape in self.targets)
            share = self.share(inputs.shape[-2], units) if self.share else 1.0
            errors.append(values[ERROR].reshape(()) * share)
            back[ERROR] = [values[ERROR] * 0 + share]
        for call, kept in zip(self.calls, everything):
            errors += self._layer_of[call.label].layer.penalties(each[call.label], kept)
        found = {part.label: [] for part in self.parts}
        for call, kept in reversed(list(zip(self.calls, everything))):
            layer = self._layer_of[call.label].layer
            ybs = [total(*_first(back[name])) if name in back else None for name in call.gives]
            if all(yb is None for yb in ybs):
                continue
            alone = len(ybs) == 1
            yb = total(ybs[0], layer.penalties_back(kept)) if alone else tuple(ybs)
            xb, of_layer = layer.backward(each[call.label], kept, yb)
            found[call.label].append(of_layer)
            xbs = xb if isinstance(xb, tuple) else (xb,)
            for name, one in zip(call.takes, xbs):
                if one is not None and (call.name, name) not in self.stopped:
                    back.setdefault(name, []).append(one)
        gradients = self._gradients(weights, found)
        after = tuple(
            state
            for part in self.parts
            for call, kept in zip(self.calls, everything)
            if call.label == part.label and part.layer.state_names
            for state in part.layer.next_states(kept)
        )
        activations = tuple(values[name] for name in self.activation_names)
        return Propagation(activations, total(*_first(errors)), gradients, (), after)

    def _gradients(self, weights, found):
        """Return the gradient of each weight, of what every call has found.  Last calls first."""
        terms, counts = [[] for _ in weights], dict(self.counts)
        for part in self.parts:
            of_calls = found[part.label]
            which = counts.get(part.label)
            kept = {"last": of_calls[:1], "first": of_calls[-1:]}.get(which, of_calls)
            for of_call in kept:
                for k, gradient in zip(part.owns, of_call):
                    if k < len(weights):
                        share = gradient / len(of_calls) if which == "mean" else gradient
                        terms[k].append(share.reshape(weights[k].shape))
        return tuple(
            total(*_first(each)) if each else weight * 0 for each, weight in zip(terms, weights)
        )


def end_of(end, values):
    """Return the error of an end, and the gradient of the value that it takes."""
    Z = values[end.takes]
    rows = Z.reshape(-1, Z.shape[-1])
    T = values[end.target]
    T = T.reshape(rows.shape[0], -1)
    O = end.output.forward(rows)
    flow = end.output.backward(rows, O, T) * end.weight
    return end.output.error(rows, O, T) * end.weight, flow.reshape(Z.shape)


def cut(flat, named):
    """Return each array of those that lie side by side, in its shape, by its name."""
    sizes = [prod(shape) for _, shape in named]
    each = zip(named, sizes, accumulate(sizes))
    return {
        name: flat[..., end - size : end].reshape(*flat.shape[:-1], *shape)
        for (name, shape), size, end in each
    }


def _first(things):
    first, *others = things
    return first, tuple(np.asarray(o) if np.isscalar(o) else o for o in others)
