"""What an honest operation loses: its result is right for its operands, and far from what is meant.

No certificate says so: both sides agree.  Here an operand that was rounded stands for a
number near it, and a result that says nothing of that number any more is *lost*: a slope of
exactly 0 behind a sigmoid that rounded to 1; an update below half of the weight's last place,
so that nothing moves; the logarithm of what rounded next to 1; a variance as the difference
of two nearly equal squares.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from equivalence.arithmetic import precisions

# A result that the rounding of its operands leaves fewer bits than these says nothing.
BITS = 8
# What gives numbers as they are: an operand from there was not rounded.
GIVEN = ("Const", "Placeholder", "ReadVariableOp")
CONSTANT = ("Const", "OnesLike", "Fill")
NEXT_TO_1 = (
    "the logarithm of a number that rounded next to 1 has fewer than 8 bits: take it of logits"
)


@dataclass(frozen=True)
class Way:
    """One way to lose a result.

    kinds: the operations in which it happens.
    words: what is lost and why.
    where: of the operands and the first result, at which elements.
    applies: whether an operation is of this form.
    """

    kinds: tuple
    words: str
    where: Callable
    applies: Callable = lambda operation: True


def _saturated(operands, result):
    """A sigmoid at 0 or 1, a gradient that arrives, and none that leaves."""
    y, arriving = operands
    return (arriving != 0) & (result == 0) & ((y == 1) | (y == 0))


def _at_the_ends(operands, result):
    y, arriving = operands
    return (arriving != 0) & (result == 0) & (np.abs(y) == 1)


def _unmoved(operands, result):
    before, change = operands
    return (change != 0) & (result == before)


def _next_to_1(operands, result):
    """log p = p - 1 to first order, and p is off by u: fewer than BITS bits remain."""
    (p,) = operands
    return np.abs(p - 1) < 2**BITS * precisions.precision_of(p.dtype).unit


def _next_to_1_but_1(operands, result):
    return _next_to_1(operands, result) & (operands[0] != 1)


def _rounded(operation):
    return operation.inputs[0].op.type not in GIVEN and not _chosen(operation)


def _chosen(operation):
    """Say of a choice with a constant, as a power's gradient has 1 for what has no logarithm."""
    choice = operation.inputs[0].op
    return choice.type in ("Select", "SelectV2") and choice.inputs[2].op.type in CONSTANT


def _cancelled(operands, result):
    """Each operand is off by u of itself, and that is more than 2^-BITS of the difference."""
    a, b = operands
    unit = precisions.precision_of(result.dtype).unit
    return unit * (np.abs(a) + np.abs(b)) > 2.0**-BITS * np.abs(result)


def _is_a_square(operation):
    if operation.type == "Mul":
        a, b = operation.inputs
        return a is b
    return operation.type == "Square"


def _difference_of_squares(operation):
    """The mean of squares less the square of a mean."""
    left, right = (tensor.op for tensor in operation.inputs)
    return left.type == "Mean" and _is_a_square(left.inputs[0].op) and _is_a_square(right)


def _beyond(operands, result):
    """A number that has no nearest one in the coarser format: infinity is what remains."""
    (x,) = operands
    return np.isinf(result) & np.isfinite(x)


def _vanished(operands, result):
    (x,) = operands
    return (result == 0) & (x != 0)


def _vanished_product(operands, result):
    """A product of numbers that are not 0; a square has one operand."""
    a, b = operands[0], operands[-1]
    return (result == 0) & (a != 0) & (b != 0)


def _narrows(operation):
    given, made = (t.dtype.name for t in (operation.inputs[0], operation.outputs[0]))
    known = given in precisions.FORMATS and made in precisions.HALVES
    return known and given not in precisions.HALVES


def _is_1(operands, result):
    base, exponent = operands
    return (base == 1) & (exponent != 0) & (result == 1)


def given_to_several(operands, result):
    """To the places of a sample's channel comes another sum than the windows give them together.

    By more than rounding can make of it: a place adds up at most what all n windows give, and so
    do both sums here, each within n u of what is added (Higham 2002, 4.2).
    """
    flow = operands[-1]
    n = np.prod(flow.shape[1:-1])
    came, gone, size = (
        np.sum(array, axis=(1, 2, 3), dtype=np.float64) for array in (flow, result, np.abs(flow))
    )
    return np.abs(gone - came) > 3 * n * precisions.precision_of(result.dtype).unit * size


def _in_half(operation):
    return operation.outputs[0].dtype.name in precisions.HALVES


WAYS = (
    Way(
        ("Cast",),
        "a number is beyond the largest of the half precision that it is cast to, so that infinity "
        "remains (float16 ends at 65504)",
        _beyond,
        _narrows,
    ),
    Way(
        ("Cast",),
        "a number is below the smallest of the half precision that it is cast to, so that 0 "
        "remains: scale the loss",
        _vanished,
        _narrows,
    ),
    Way(
        ("Mul", "Square"),
        "a product of numbers that are not 0 is below the smallest of the half precision, so that "
        "0 remains: an average of squares, as Adam's velocity, never hears of it",
        _vanished_product,
        _in_half,
    ),
    Way(
        ("Pow",),
        "the base rounds to 1 in half precision, as 0.999 does in bfloat16: a moving mean with it "
        "never changes, and 1 less its power is 0",
        _is_1,
        _in_half,
    ),
    Way(
        ("SigmoidGrad",),
        "the slope is exactly 0 where the sigmoid rounded to its end: nothing is learned there, "
        "though the true slope is above 0",
        _saturated,
    ),
    Way(
        ("TanhGrad",),
        "the slope is exactly 0 where the tanh rounded to its end: nothing is learned there, "
        "though the true slope is above 0",
        _at_the_ends,
    ),
    Way(
        ("MaxPool3DGrad",),
        "all places of a window within 1e-5 of its largest have the whole gradient, each: several "
        "times what flows back, and where all numbers are as small as that, every place has it",
        given_to_several,
    ),
    Way(
        ("AssignSubVariableOp", "AssignAddVariableOp"),
        "the update is below half of the weight's last place: nothing moves",
        _unmoved,
    ),
    Way(("Log",), NEXT_TO_1, _next_to_1, _rounded),
    Way(("Log",), NEXT_TO_1, _next_to_1_but_1, _chosen),
    Way(
        ("Sub",),
        "a variance as the difference of two nearly equal squares has fewer than 8 bits: take "
        "the mean of the squared differences",
        _cancelled,
        _difference_of_squares,
    ),
)


# kind -> its ways.
WAYS_OF = {kind: [way for way in WAYS if kind in way.kinds] for each in WAYS for kind in each.kinds}


def find_lost(execution):
    """Return (how many numbers of an Execution's result are lost, in which words)."""
    operation, result = execution.operation, execution.results[0]
    for way in WAYS_OF.get(operation.type, ()):
        if _is_float(result) and way.applies(operation):
            with np.errstate(all="ignore"):
                found = int(np.sum(way.where(execution.operands, result)))
            if found:
                return found, way.words
    return 0, ""


def _is_float(array):
    return isinstance(array, np.ndarray | np.generic) and array.dtype.name in precisions.FORMATS
