"""A layer that does one thing otherwise, and an LSTM with its slopes marked."""

from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np

from refimpl.layers.layer import Layer
from refimpl.layers.lstm import LSTM
from refimpl.layers.wrapper import Wrapper


@dataclass(frozen=True)
class Otherwise(Wrapper):
    """A layer with another way forward, or back.

    forth: ``(layer, weights, x) -> (y, kept)``, None for the layer's own.
    back: ``(layer, weights, kept, yb) -> (xb, gradients)``, None for the layer's own.
    """

    forth: Any = None
    back: Any = None

    letter_names: ClassVar = ()  # its loop may be another
    share_names: ClassVar = ()

    def __getattr__(self, name):
        if name.startswith("__") or name in ("layer", "inner"):
            raise AttributeError(name)
        return getattr(self.layer if self.input_shape is None else self.inner, name)

    def forward(self, weights, x, *mask):
        if self.forth is not None:
            return self.forth(self.inner, weights, x)
        return self.inner.forward(weights, x, *mask)

    def backward(self, weights, kept, yb):
        if self.back is not None:
            return self.back(self.inner, weights, kept, yb)
        return self.inner.backward(weights, kept, yb)

    def next_states(self, kept):
        return self.inner.next_states(kept)

    def noted(self, kept):
        return {}

    def penalties(self, weights, kept):
        return self.inner.penalties(weights, kept)

    def penalties_back(self, kept):
        return self.inner.penalties_back(kept)


def core(layer):
    """Return the layer inside all that is otherwise, or beside it."""
    while isinstance(layer, Wrapper):
        layer = layer.layer
    return layer


@dataclass(frozen=True)
class Alike(Wrapper):
    """A layer whose weights are read and whose gradients are written in another order.

    order: of the equal parts of the last axis of every weight.
    """

    order: tuple = ()

    letter_names: ClassVar = ()  # its loop may be another
    share_names: ClassVar = ()

    def __getattr__(self, name):
        if name.startswith("__") or name in ("layer", "inner"):
            raise AttributeError(name)
        return getattr(self.layer if self.input_shape is None else self.inner, name)

    def read(self, weight):
        return _parts(weight, self.order)

    def forward(self, weights, x, *mask):
        return self.inner.forward([self.read(w) for w in weights], x, *mask)

    def backward(self, weights, kept, yb):
        xb, gradients = self.inner.backward([self.read(w) for w in weights], kept, yb)
        back = tuple(int(k) for k in np.argsort(self.order))
        return xb, tuple(_parts(g, back) for g in gradients)

    def next_states(self, kept):
        return self.inner.next_states(kept)

    def noted(self, kept):
        return {}

    def penalties(self, weights, kept):
        return self.inner.penalties(weights, kept)

    def penalties_back(self, kept):
        return self.inner.penalties_back(kept)


def _parts(array, order):
    size = array.shape[-1] // len(order)
    return np.concatenate([array[..., k * size : (k + 1) * size] for k in order], axis=-1)


# --------------------------------------------------------------------------- recurrent

GATES = ("input", "forget", "candidate", "output")


@dataclass(frozen=True, kw_only=True)
class LSTMForm(LSTM):
    """An LSTM, without masks and dropout, whose way back leaves things out.

    slopes: ((gate, "value" or "one"), ...): what stands for a gate's slope.
    carries_h, carries_c: whether the state's gradient goes on to the time step before.
    through_tanh: whether the output's gradient goes through the slope of tanh(c) to c.
    """

    slopes: tuple = ()
    carries_h: bool = True
    carries_c: bool = True
    through_tanh: bool = True

    letter_names: ClassVar = ()
    share_names: ClassVar = ()

    def slope(self, gate, yb, z, y):
        kind = dict(self.slopes).get(gate)
        if kind:
            return yb * y if kind == "value" else yb
        own = self.activation if gate == "candidate" else self.recurrent_activation
        return own.backward(yb, z, y)

    def backward(self, weights, kept, yb):
        kernel, recurrent, *_ = weights
        steps, *_ = kept
        units, hb, cb, zbs = self.units, 0, 0, []
        for t in reversed(range(len(steps))):
            _, _, _, c, z, (i, f, g, o), carry, a = steps[t]
            zs = [z[..., k * units : (k + 1) * units] for k in range(4)]
            if self.return_sequences:
                hb = hb + yb[..., t, :]
            elif t == len(steps) - 1:
                hb = hb + yb
            ab = hb * o
            cb = cb + (self.activation.backward(ab, carry, a) if self.through_tanh else ab)
            each = (cb * g, i), (cb * c, f), (cb * i, g), (hb * a, o)
            zb = [self.slope(n, b, zk, y) for n, (b, y), zk in zip(GATES, each, zs)]
            zb = np.concatenate(zb, axis=-1)
            zbs.insert(0, zb)
            hb = zb @ recurrent.mT if self.carries_h else 0
            cb = cb * f if self.carries_c else 0
        rows = lambda arrays: np.concatenate(arrays, axis=-2)
        flat = rows(zbs)
        kernelb = rows([step[0] for step in steps]).mT @ flat
        recurrentb = rows([step[2] for step in steps]).mT @ flat
        biasb = (np.sum(flat, axis=-2, keepdims=True),) if self.use_bias else ()
        xb = np.stack([zb @ kernel.mT for zb in zbs], axis=-2)
        return self.in_order(xb), (kernelb, recurrentb, *biasb)


def lstm_form(layer):
    """Return an LSTM as a form, one that is already as it is."""
    if isinstance(layer, LSTMForm):
        return layer
    return LSTMForm(**{f.name: getattr(layer, f.name) for f in fields(layer)})


# ------------------------------------------------------------- dropout, attention, gates


@dataclass(frozen=True)
class Masked(Layer):
    """Dropout with a mask that is given: y = x / (1 - rate) where it is 1, else 0.

    mask: 1 or 0 for each number of x.
    scale, scale_back: what is kept is multiplied with, None for 1 / (1 - rate).
    back: whether the mask is applied on the way back.
    """

    rate: float
    mask: Any
    scale: Any = None
    scale_back: Any = None
    back: bool = True

    def factor(self, own):
        return 1 / (1 - self.rate) if own is None else own

    def forward(self, weights, x):
        return x * self.mask * self.factor(self.scale), ()

    def backward(self, weights, kept, yb):
        taken = yb * self.mask if self.back else yb
        own = self.scale if self.scale_back is None else self.scale_back
        return taken * self.factor(own), ()


@dataclass(frozen=True)
class SelfAttention(Layer):
    """Attention of several heads of a sequence to itself.

    attention: a ``MultiHeadAttention``; scale: of the products, None for 1 / sqrt(key_dim).
    """

    attention: Any
    scale: Any = None
    softmax: Any = None

    @property
    def inner(self):
        made = type(self.attention)
        if self.scale is not None:
            made = type("Scaled", (made,), {"scale": self.scale})
        values = {f.name: getattr(self.attention, f.name) for f in fields(self.attention)}
        if self.softmax is not None:
            values["softmax"] = self.softmax
        values.pop("input_shape", None)
        return made(**values).build((self.input_shape, self.input_shape))

    @property
    def weight_names(self):
        return self.attention.weight_names

    @property
    def weight_shapes(self):
        return self.inner.weight_shapes

    @property
    def output_shape(self):
        return self.inner.output_shape

    def forward(self, weights, x):
        return self.inner.forward(weights, (x, x))

    def backward(self, weights, kept, yb):
        of_each, gradients = self.inner.backward(weights, kept, yb)
        return sum(of_each[1:], of_each[0]), gradients


# ------------------------------------------------------------------------- with windows


def with_windows(layer, table):
    """Return a convolution whose windows lie at other places: ``table`` as ``Windows`` has it."""
    made = type("Moved", (type(layer),), {"windows": property(lambda self: Moved(self, table))})
    values = {f.name: getattr(layer, f.name) for f in fields(layer)}
    return made(**values)


class Moved:
    """The windows of a layer with another table of places."""

    def __init__(self, layer, table):
        own = type(layer).__mro__[1].windows.fget(layer)
        self.counts, self.table, self.places = own.counts, table(own), own.places

    @property
    def back(self):
        windows, size = self.table.shape
        back = np.full((int(np.prod(self.places)) + 1, size), windows)
        back[self.table, np.arange(size)] = np.arange(windows)[:, None]
        return back[:-1]


def same_before(own):
    """Return a table of windows with padding (span - 1) // 2 before, whatever the stride."""
    pads = tuple(((span - 1) // 2, span + s) for span, s in zip(own.spans, own.strides))
    return shifted(own, pads)


def same_in_front(own):
    """Return a table of windows whose odd place of padding lies in front."""
    return shifted(own, tuple((behind, before) for before, behind in own.pads))


def shifted(own, pads):
    """Return the table of windows over places padded otherwise, of equal counts."""
    counts = own.counts
    nothing = int(np.prod(own.places))
    padded = np.pad(np.arange(nothing).reshape(own.places), pads, constant_values=nothing)
    at, axes = [], len(own.places)
    for axis in range(axes):
        starts = own.strides[axis] * np.arange(counts[axis])
        inside = own.dilation[axis] * np.arange(own.size[axis])
        shape = [1] * (2 * axes)
        shape[axis], shape[axes + axis] = counts[axis], own.size[axis]
        at.append((starts[:, None] + inside).reshape(shape))
    return padded[tuple(at)].reshape(int(np.prod(counts)), int(np.prod(own.size)))


def without_stride(own):
    """Return the table of windows that lie side by side, as if the stride were 1."""
    return shifted(_Unit(own), own.pads)


class _Unit:
    """Windows of the same count with a stride of 1."""

    def __init__(self, own):
        self.counts, self.places, self.size = own.counts, own.places, own.size
        self.dilation, self.strides = own.dilation, (1,) * len(own.places)


# ---------------------------------------------------------------------------- activations


@dataclass(frozen=True)
class Activated(Layer):
    """An activation as a layer."""

    activation: Any

    def forward(self, weights, x):
        y = self.activation.forward(x)
        return y, (x, y)

    def backward(self, weights, kept, yb):
        x, y = kept
        return self.activation.backward(yb, x, y), ()
