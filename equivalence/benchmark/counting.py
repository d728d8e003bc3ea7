"""What a step costs, counted: the reference runs over arrays that only count.

A ``CountingArray`` has a shape and no numbers.  Each operation adds its floating-point
operations and the bytes that NumPy moves for it to a ``Tally``: a ufunc one operation
an element (an exp or a root counts as one, so the true work is never less), a matmul
2 m n k, a sum one a summand; it reads its operands once and writes its result once.
"""

from dataclasses import dataclass
from math import prod

import numpy as np

from equivalence import trees
from equivalence.arithmetic.dispatch import RULES, DispatchedArray

# Their results are booleans of one byte.
COMPARISONS = frozenset(
    {np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal}
)


@dataclass
class Tally:
    """flops: floating-point operations; matmul: those of them in matmuls.

    moved: bytes that NumPy reads and writes; needed: bytes that any implementation
    must: weights and slots in and out, inputs and targets in.
    """

    flops: int = 0
    matmul: int = 0
    moved: int = 0
    needed: int = 0


def count_step(program):
    """Return the Tally of one training step of a Program."""
    tally = Tally()
    take_step(program, tally)
    return tally


def take_step(program, tally):
    """Take one step of a Program over counting arrays, on a Tally; return the Step."""
    itemsize = program.inputs.dtype.itemsize
    array = lambda a: CountingArray(np.shape(a), itemsize, tally)
    inputs, targets = (array(a) for a in program.batch(0))
    weights = tuple(array(w) for w in program.weights)
    slots = trees.reference().build_slots(program.optimizer, weights)
    tally.flops = tally.moved = 0  # building the slots is not part of a step
    state = [*weights, *(slot for of_weight in slots for slot in of_weight)]
    tally.needed = 2 * sum(a.bytes for a in state) + inputs.bytes + targets.bytes
    return trees.reference().train_step(
        program.network, program.optimizer, weights, slots, array(0.0), inputs, targets
    )


class CountingArray(DispatchedArray):
    """An array of which only the shape is known; numbers beside it are free."""

    def __init__(self, shape, itemsize, tally):
        self.shape = tuple(shape)
        self.itemsize = itemsize
        self.tally = tally

    @property
    def bytes(self):
        return prod(self.shape) * self.itemsize

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        found = RULES.get(ufunc)
        if found is None or found.kind == "composed" or method != "__call__" or kwargs:
            return super().__array_ufunc__(ufunc, method, *inputs, **kwargs)
        operands = [self.lift(x) for x in inputs]
        if ufunc is np.matmul:
            return self._matmul(*operands)
        shape = np.broadcast_shapes(*(x.shape for x in operands))
        itemsize = 1 if ufunc in COMPARISONS else self.itemsize
        result = CountingArray(shape, itemsize, self.tally)
        return self._counted(result, operands, flops=prod(shape))

    def _matmul(self, a, b):
        lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        result = self._like((*lead, a.shape[-2], b.shape[-1]))
        flops = 2 * prod(result.shape) * a.shape[-1]
        self.tally.matmul += flops
        return self._counted(result, (a, b), flops)

    def _counted(self, result, operands, flops):
        self.tally.flops += flops
        self.tally.moved += result.bytes + sum(x.bytes for x in operands)
        return result

    def _like(self, shape):
        return CountingArray(shape, self.itemsize, self.tally)

    def lift(self, x):
        return x if isinstance(x, CountingArray) else CountingArray(np.shape(x), 0, self.tally)

    def sum(self, axis=None, keepdims=False):
        shape = np.sum(self._dummy(), axis=axis, keepdims=keepdims).shape
        return self._counted(self._like(shape), [self], flops=prod(self.shape))

    max = sum

    @classmethod
    def where(cls, condition, x, y):
        shape = np.broadcast_shapes(condition.shape, x.shape, y.shape)
        result = CountingArray(shape, max(x.itemsize, y.itemsize), condition.tally)
        return condition._counted(result, (condition, x, y), flops=prod(shape))

    def zeros_like(self):
        return self._counted(self._like(self.shape), [], flops=0)

    ones_like = zeros_like

    # Views: nothing is moved.

    def _dummy(self):
        return np.broadcast_to(np.float32(0), self.shape)

    def _moved(self, move):
        return self._like(move(self._dummy()).shape)

    def _joined(self, arrays, join):
        result = self._like(join([array._dummy() for array in arrays]).shape)
        return self._counted(result, arrays, flops=0)
