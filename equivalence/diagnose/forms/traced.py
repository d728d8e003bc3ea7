"""A layer that has no counterpart, as the operations that TensorFlow traced of it.

Forward they are the layer's own; backward those that TensorFlow makes of them.  Each is run by
its rule (``graph.rules``), over numbers or over balls.
"""

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np

from equivalence.arithmetic.decision import Decision
from equivalence.arithmetic.dispatch import DispatchedArray
from equivalence.arithmetic.precisions import FORMATS, precision_of
from equivalence.arithmetic.regrouping import RegroupingArray
from equivalence.errors import BadInput
from equivalence.graph import kinds  # noqa: F401  (fills the table of rules)
from equivalence.graph.derivative import Mathematics, NoRule
from refimpl.layers.layer import Layer

# A decimal of so few digits, or a number of so few bits, is meant as it is (L7); another stands
# for all that round to it.
DIGITS, SHORT = 5, 2**12
MOST = 16  # of what a layer gave that is kept


class Operations:
    """The operations from some tensors of a trace to others.

    trace: a ``graph.trace.Trace``.
    forth, back: the operations, in order.
    takes, gives: names of tensors; flows: of what is given the gradients of ``gives``.
    of_inputs, of_weights: names of the gradients' tensors, None where nothing flows.
    constants: a placeholder's name -> the value of a variable that no gradient moves.
    done: what they gave last, since many a variant of a network gives them the same numbers.
    """

    def __init__(self, trace, forth, back, takes, gives, flows, of_inputs, of_weights, constants):
        self.trace, self.forth, self.back = trace, forth, back
        self.takes, self.gives, self.flows = takes, gives, flows
        self.of_inputs, self.of_weights, self.constants = of_inputs, of_weights, constants
        self.done = OrderedDict()

    def __len__(self):
        """How many of the way forward compute something."""
        aside = ("Const", "Identity", "ReadVariableOp", "NoOp", "Placeholder")
        return sum(operation.type not in aside for operation in self.forth)


@dataclass(frozen=True)
class Traced(Layer):
    """A layer that is operations.

    code: the Operations; names: of the weights.
    variables: the placeholders that stand for the weights, with their shapes.
    places: the axes of one sample's first output.
    """

    code: Any
    names: tuple = ()
    variables: tuple = ()
    places: tuple = ()

    @property
    def weight_names(self):
        return self.names

    @property
    def weight_shapes(self):
        return tuple(_matrix_shape(shape) for _, shape in self.variables)

    @property
    def output_shape(self):
        return self.places

    def forward(self, weights, x):
        return self._once(("forth", *weights, *_all(x)), lambda: self._forth(weights, x))

    def backward(self, weights, kept, yb):
        given = ("back", *weights, *kept[2], *_all(yb))
        return self._once(given, lambda: self._back(weights, kept, yb))

    def _once(self, given, compute):
        """Return what is computed of these numbers, or was; lines that are watched run again."""
        if not all(type(a) in (np.ndarray, RegroupingArray, str, type(None)) for a in given):
            return compute()
        key = _digest(given)
        if key not in self.code.done:
            self.code.done[key] = compute()
            if len(self.code.done) > MOST:
                self.code.done.popitem(last=False)
        self.code.done.move_to_end(key)
        return self.code.done[key]

    def _forth(self, weights, x):
        xs, state = _all(x), dict(self.code.constants)
        for (name, shape), weight in zip(self.variables, weights):
            state[name] = weight.reshape(shape)
        run = Run(self.code.trace, state, next(filter(_is_ball, (*xs, *weights)), None))
        values = {name: run.given(name, value) for name, value in zip(self.code.takes, xs)}
        run.all(self.code.forth, values)
        return _alone_or_all([values[name] for name in self.code.gives]), (run, values, xs)

    def _back(self, weights, kept, yb):
        run, values = kept[0], dict(kept[1])
        ybs = _all(yb)
        for name, flow, one in zip(self.code.gives, self.code.flows, ybs):
            if flow is not None:
                values[flow] = values[name] * 0 if one is None else one
        run.all(self.code.back, values)
        of = lambda name: None if name is None else values[name]
        shapes = self.weight_shapes
        gradients = tuple(
            weight * 0 if name is None else (values[name] + 0.0).reshape(shape)
            for weight, name, shape in zip(weights, self.code.of_weights, shapes)
        )
        return _alone_or_all([of(name) for name in self.code.of_inputs]), gradients


def _all(x):
    return x if isinstance(x, tuple) else (x,)


def _digest(arrays):
    """Return a few bytes that stand for these numbers."""
    found = blake2b()
    for array in arrays:
        for part in (array.mid, array.rad) if _is_ball(array) else (array,):
            found.update(f"{type(array)}{np.shape(part)}".encode())
            plain = isinstance(part, np.ndarray)
            found.update(np.ascontiguousarray(part).tobytes() if plain else repr(part).encode())
    return found.digest()


def _alone_or_all(things):
    return things[0] if len(things) == 1 else tuple(things)


def _matrix_shape(shape):
    return (int(np.prod(shape[:-1], dtype=int)), shape[-1]) if shape else (1, 1)


def _is_ball(array):
    return isinstance(array, DispatchedArray)


def _decided(value):
    """Return a comparison of balls that rounding does not decide as booleans."""
    known = isinstance(value, Decision) and np.all(value.known)
    return np.asarray(value.yes) if known else value


class Run(Mathematics):
    """Runs operations by their rules over the numbers or balls of one step.

    state: name of a placeholder -> a variable's value.
    like: a ball, where constants have to be such; None for plain numbers.
    """

    def __init__(self, trace, state, like):
        super().__init__(trace, {})
        self.state, self.like = state, like

    def given(self, name, value):
        """Return what is given for a tensor: whole numbers where it has such."""
        dtype = self.trace.graph.get_tensor_by_name(name).dtype
        if dtype.is_floating:
            return value
        return value.astype(dtype.as_numpy_dtype)

    def number(self, tensor):
        """Return a constant: a ball of all numbers that round to it in its precision."""
        array = super().number(tensor)
        dtype = tensor.dtype.as_numpy_dtype
        if not isinstance(array, np.ndarray | np.generic) or np.dtype(dtype).name not in FORMATS:
            return array
        meant = False
        if array.size == 1 and np.isfinite(array).all():
            (one,) = np.ravel(array)
            decimal = float(f"{one:.{DIGITS}g}")
            meant = bool(dtype(decimal) == dtype(one))
            array = np.full(array.shape, decimal) if meant else array
        if self.like is None or meant:
            return array
        mantissa, _ = np.frexp(array)
        short = mantissa * SHORT == np.rint(mantissa * SHORT)
        unit = precision_of(np.dtype(dtype).name).unit
        size = np.where(np.isfinite(array), np.abs(array), 0)
        return self.like._of(array, np.where(short, 0, unit * size))

    def compute(self, operation, inputs, place):
        to_float = operation.type == "Cast" and operation.outputs[0].dtype.is_floating
        if to_float and (_is_ball(inputs[0]) or isinstance(inputs[0], Decision)):
            return [self.like.lift(inputs[0])]
        return [_decided(each) for each in super().compute(operation, inputs, place)]

    def all(self, operations, values):
        """Run operations in order; ``values`` are of tensors by name, and get theirs."""
        for operation in operations:
            inputs = [
                self.variable(tensor.op.name)
                if tensor.op.name in self.state
                else values[tensor.name]
                for tensor in operation.inputs
            ]
            try:
                outputs = self.run_operation(operation, inputs, operation)
            except NoRule:
                raise BadInput(
                    f"the operation {operation.type} ({operation.name}) has no rule: "
                    "equivalence.graph.rule adds one"
                ) from None
            for tensor, value in zip(operation.outputs, outputs):
                values[tensor.name] = value
