"""Results that are what NumPy gives to the bit, held without a ball of each number.

Of numbers that are moved or chosen there is one result only.  Of formulas in which operations of
IEEE 754 alone are done, what NumPy's float arithmetic gives is an honest implementation's, so that
it lies in the balls; how sharp these are, a sample says, evenly spread.
"""

import numpy as np

from equivalence.graph.blocks import SIZE, by_elements

# Kinds whose kernels do one operation of IEEE 754.
ROUNDS_ONCE = {
    "Add": np.add,
    "AddV2": np.add,
    "AddN": np.add,
    "AssignAddVariableOp": np.add,
    "Sub": np.subtract,
    "AssignSubVariableOp": np.subtract,
    "Mul": np.multiply,
    "Square": np.multiply,
    "RealDiv": np.divide,
    "Div": np.divide,
    "Sqrt": np.sqrt,
}
# Kinds whose formula has no function of a library in it.
OF_IEEE = {
    *ROUNDS_ONCE,
    "BiasAdd",
    "DivNoNan",
    "EluGrad",
    "LeakyRelu",
    "LeakyReluGrad",
    "MulNoNan",
    "SigmoidGrad",
    "SqrtGrad",
    "SquaredDifference",
    "TanhGrad",
}
# How many numbers of a result say how sharp its balls are.
SAMPLE = 1 << 12
_NARROW = np.dtype("float32")


def is_same(value, answer):
    """Say whether two arrays agree in all numbers, and none of them is NaN."""
    if value.shape != answer.shape:
        return False
    if _in_one_place(value, answer):
        return value.dtype.kind != "f" or not np.isnan(np.min(value, initial=0))
    return _is_equal(value, answer)


def _is_equal(value, answer):
    same = value == answer
    return bool(same.all() if same.ndim else same)


def _in_one_place(value, answer):
    """Say whether two arrays are the same memory."""
    here, there = value.__array_interface__, getattr(answer, "__array_interface__", None)
    return (
        there is not None
        and here["data"][0] == there["data"][0]
        and here["strides"] is None
        and there["strides"] is None
        and value.dtype == answer.dtype
    )


def operands_of(kind, operands):
    """Return the float32 operands of a kind that rounds once; None for others."""
    if kind == "AddN":
        (operands,) = operands
    elif kind == "Square":
        operands = (*operands, *operands)
    if len(operands) != (1 if kind == "Sqrt" else 2):
        return None
    for each in operands:
        if not isinstance(each, np.ndarray | np.generic) or each.dtype != _NARROW:
            return None
    return operands


def is_numpys(rule, operands, results, attributes):
    """Say whether the one result is what NumPy's float arithmetic gives, to the bit."""
    if rule.kind not in OF_IEEE or len(results) != 1:
        return False
    (value,) = results
    operation = ROUNDS_ONCE.get(rule.kind)
    given = operands_of(rule.kind, operands) if operation and value.dtype == _NARROW else None
    with np.errstate(all="ignore"):
        answer = operation(*given) if given else rule.answer(*operands, **attributes)
    if answer.dtype != value.dtype or answer.shape != value.shape:
        return False
    return _is_equal(value, answer)


def is_numpys_in_blocks(rule, operands, results, attributes):
    """Say the same, block by block, so that what NumPy gives stays in the cache."""
    (value,) = results
    if value.size <= 2 * SIZE:
        return is_numpys(rule, operands, results, attributes)
    blocks = by_elements(operands, results, attributes)
    return blocks is not None and all(
        is_numpys(rule, block.operands, block.results, attributes) for block in blocks
    )


def sample(operands, result):
    """Return of what broadcasts its operands to a result some SAMPLE numbers, evenly spread."""
    if result.size <= 2 * SAMPLE:
        return operands, result
    shape, cut, left = result.shape, [], result.size
    for n in shape:
        step = min(-(-left // SAMPLE), n)
        if cut or len(shape) == 1:
            step |= 1  # an odd stride meets all channels
        places = range(min(step // 2, n - 1), n, step)
        cut.append(slice(places.start, n, step))
        left = left // n * len(places)
    cut = tuple(cut)

    def part(operand):
        if isinstance(operand, list):
            return [part(each) for each in operand]
        tail = cut[len(cut) - np.ndim(operand) :]
        ends = zip(tail, np.shape(operand))
        return operand[tuple(each if n != 1 else slice(None) for each, n in ends)]

    return [part(each) for each in operands], result[cut]


def size_of(result):
    """Return the largest magnitude of a result: NaN or infinite where one number is."""
    if result.size == 0:
        return 0.0
    most, least = (each.reduce(result, axis=None) for each in (np.maximum, np.minimum))
    return max(float(most), -float(least))
