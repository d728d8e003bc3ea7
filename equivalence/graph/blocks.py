"""Operations of many numbers, held block by block.

What a ball of a block takes stays in the processor's cache, and the balls of a whole tensor, which
are many times as large as it is, are never there at once.  An operation can be cut where it does
to each element, row or channel what it does to it alone; ``CUTS`` says along what.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from typing import Any

import numpy as np

from equivalence.arithmetic.boxes import SIZE, boxes
from refimpl.ops import choices, elementwise, slopes

# NumPy lets go of the interpreter while it computes.
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Block:
    """Operands and results of a part of an operation.

    place: the index of a result's element in the whole, of (which result, its index here).
    """

    operands: list
    results: list
    place: Callable[[int, tuple], tuple] = lambda number, index: index


def blocks_of(rule, execution, attributes) -> Iterator[Block]:
    """Return the blocks of an operation; the whole of it where it is small or has no cut."""
    operands, results = execution.operands, execution.results
    cut = CUTS.get(rule.kind) or (by_elements if rule.answer in OF_ELEMENTS else None)
    blocks = None
    if (
        cut
        and max((np.size(r) for r in results if r is not None), default=0) + _most(operands) > SIZE
    ):
        blocks = cut(operands, results, attributes)
    return iter([Block(operands, results)]) if blocks is None else blocks


@cache
def _workers():
    return ThreadPoolExecutor(CORES, "blocks")


def side_by_side(hold, blocks):
    """Yield what ``hold`` gives of each block, in order; a few blocks are at work at once."""
    blocks = iter(blocks)
    first = list(islice(blocks, 2))
    if len(first) < 2 or CORES == 1:
        yield from map(hold, chain(first, blocks))
        return
    waiting: deque = deque()
    for block in chain(first, blocks):
        waiting.append(_workers().submit(hold, block))
        if len(waiting) > 2 * CORES:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _most(operands):
    return max((np.size(o) for o in operands if isinstance(o, np.ndarray)), default=0)


# ------------------------------------------------------------------ by elements


def by_elements(operands, results, attributes):
    """Cut what broadcasts its operands to its one result."""
    (result,) = results
    flat = [o for each in operands for o in (each if isinstance(each, list) else [each])]
    if not all(isinstance(o, np.ndarray | np.generic) for o in flat):
        return None
    if all(np.shape(o) == result.shape or np.size(o) == 1 for o in flat):
        return _of_lines(operands, result)
    return _of_boxes(operands, result)


def _of_lines(operands, result):
    shape, line = result.shape, result.reshape(-1)
    lines = each_of(operands, lambda o: o if np.size(o) == 1 < line.size else np.reshape(o, -1))
    # One number alone is of fewer axes than what it meets.
    lines = each_of(lines, lambda o: np.reshape(o, ()) if np.size(o) == 1 < line.size else o)
    for start in range(0, line.size, SIZE):
        part = slice(start, start + SIZE)
        place = lambda _, index, start=start: _unravelled(start + index[0], shape)
        cut = lambda o, part=part: o[part] if np.ndim(o) else o
        yield Block(each_of(lines, cut), [line[part]], place)


def _unravelled(position, shape):
    return tuple(int(i) for i in np.unravel_index(position, shape))


def _of_boxes(operands, result):
    shape = result.shape
    for box in boxes(shape):
        starts = [part.start for part in box]
        place = lambda _, index, starts=starts: tuple(s + i for s, i in zip(starts, index))
        cut = lambda o, box=box: o[_reaching(box, np.shape(o))]
        yield Block(each_of(operands, cut), [result[box]], place)


def _reaching(box, shape):
    """Return which part of an operand of a shape meets a box of what it is broadcast to."""
    tail = box[len(box) - len(shape) :]
    return tuple(part if n != 1 else slice(None) for part, n in zip(tail, shape))


def each_of(operands, change):
    """Return operands, single ones and those in lists, changed."""
    return [
        [change(o) for o in each] if isinstance(each, list) else change(each) for each in operands
    ]


# --------------------------------------------------------------- along one axis


@dataclass(frozen=True)
class Along:
    """A cut along one axis of some operands, and one of each result.

    operands: place of an operand -> its axis; results: the axis of each.
    sizes: place of an operand that is a list of sizes -> which of them is the cut axis'.
    """

    operands: dict
    results: tuple
    sizes: Any = ()

    def __call__(self, operands, results, attributes):
        return self.cut(operands, results)

    def cut(self, operands, results):
        number, axis = next(iter(self.operands.items()))
        count = np.shape(operands[number])[axis]
        each = max(np.size(operands[k]) for k in self.operands) + max(map(np.size, results))
        # What is not cut is made balls of for each block.
        again = sum(np.size(o) for k, o in enumerate(operands) if k not in self.operands)
        rows = max(count * max(SIZE, 8 * again) // max(each, 1), 1)
        for start in range(0, count, rows):
            part = slice(start, min(start + rows, count))
            yield self._block(operands, results, part)

    def _block(self, operands, results, part):
        given = list(operands)
        for number, axis in self.operands.items():
            given[number] = _along(given[number], axis, part)
        for number, which in dict(self.sizes).items():
            given[number] = np.array(given[number])
            given[number][which] = part.stop - part.start
        axes = self.results * len(results) if len(self.results) == 1 else self.results
        found = [r if a is None else _along(r, a, part) for r, a in zip(results, axes)]

        def place(number, index):
            axis = axes[number]
            if axis is None:
                return index
            axis %= len(index)
            return (*index[:axis], index[axis] + part.start, *index[axis + 1 :])

        return Block(given, found, place)


def _along(array, axis, part):
    index = [slice(None)] * np.ndim(array)
    index[axis] = part
    return array[tuple(index)]


ROWS = Along({0: 0}, (0,))
BOTH = Along({0: 0, 1: 0}, (0,))


def by_kept_axis(operands, results, attributes):
    """Cut a reduction along the first axis, if it keeps that."""
    x, axes = operands
    if x.dtype == np.float32:
        return None  # which ``direct`` gathers block by block
    reduced = {int(k) % x.ndim for k in np.ravel(axes)}
    kept = [k for k in range(x.ndim) if k not in reduced]
    if kept[:1] != [0]:
        return None
    there = 0 if attributes.get("keep_dims") else kept.index(0)
    return Along({0: 0}, (there,)).cut(operands, results)


def by_channels(cut):
    """Cut along channels where they are the last axis."""

    def along(operands, results, attributes):
        if attributes.get("data_format", "NHWC").startswith("NC"):
            return None
        return cut.cut(operands, results)

    return along


def by_rows_of_product(operands, results, attributes):
    turned = attributes.get("transpose_a", False)
    return Along({0: 1 if turned else 0}, (0,)).cut(operands, results)


def by_matrices(operands, results, attributes):
    a, b = operands
    if a.ndim < 3 or a.shape[:-2] != b.shape[:-2]:
        return None
    return BOTH.cut(operands, results)


def by_rows_alike(operands, results, attributes):
    """Cut along the first axis where both operands have as much of it."""
    a, b = operands
    return BOTH.cut(operands, results) if np.shape(a)[:1] == np.shape(b)[:1] else None


def by_depth(operands, results, attributes):
    """Cut a depthwise filter's gradient along channels, where each has one filter."""
    if int(operands[1][-1]) != 1:
        return None
    return Along({0: 3, 2: 3}, (2,), ((1, 2),)).cut(operands, results)


def by_bias(operands, results, attributes):
    if attributes["data_format"] == "NCHW":
        return None
    return by_elements(operands, results, attributes)


CUTS = {
    "AddN": by_elements,
    "BiasAdd": by_bias,
    "Sum": by_kept_axis,
    "Mean": by_kept_axis,
    "MatMul": by_rows_of_product,
    "BatchMatMul": by_matrices,
    "BatchMatMulV2": by_matrices,
    "BatchMatMulV3": by_matrices,
    "Softmax": ROWS,
    "LogSoftmax": ROWS,
    "SoftmaxCrossEntropyWithLogits": by_rows_alike,
    "SparseSoftmaxCrossEntropyWithLogits": by_rows_alike,
    "Conv2D": ROWS,
    "Conv2DBackpropInput": Along({2: 0}, (0,), ((0, 0),)),
    "DepthwiseConv2dNative": ROWS,
    "DepthwiseConv2dNativeBackpropInput": Along({2: 0}, (0,), ((0, 0),)),
    "DepthwiseConv2dNativeBackpropFilter": by_depth,
    "MaxPool": ROWS,
    "AvgPool": ROWS,
    "MaxPoolGrad": Along({0: 0, 1: 0, 2: 0}, (0,)),
    "AvgPoolGrad": Along({1: 0}, (0,), ((0, 0),)),
    "FusedBatchNormV3": by_channels(Along({0: -1, 1: 0, 2: 0, 3: 0, 4: 0}, (-1, 0, 0, 0, 0, None))),
    "FusedBatchNormGradV3": by_channels(
        Along({0: -1, 1: -1, 2: 0, 3: 0, 4: 0}, (-1, 0, 0, None, None))
    ),
}
OF_ELEMENTS = {
    function
    for module in (elementwise, slopes)
    for function in vars(module).values()
    if getattr(function, "__module__", "") == module.__name__
} | {
    choices.maximum,
    choices.minimum,
    choices.absolute,
    choices.sign,
    choices.select,
    choices.clip_by_value,
    choices.relu,
    choices.relu6,
    choices.relu_grad,
    choices.relu6_grad,
    choices.less,
    choices.less_equal,
    choices.greater,
    choices.greater_equal,
    choices.equal,
    choices.not_equal,
}
