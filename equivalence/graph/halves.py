"""How kernels of a CPU compute in half precision: one row for each kind of operation.

An operation of float16 or bfloat16 numbers is rarely computed in them.  Many kernels take their
operands to float32, compute there, and round *once*, at the end: a ball of float32, and then the
floats between its ends rounded to nearest, often a single one (L19).  Some *cut off* there what
they should round, which is towards 0.  Others round *each step* of their formula: that runs over
balls of the half precision itself, and holds those that round once, too (L18).  A row says where a
kernel was found to round or cut once; a kind without a row may round each step.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from equivalence.arithmetic.precisions import HALVES
from equivalence.arithmetic.processor import has_avx512
from equivalence.arithmetic.rounding import OUTWARDS, RoundingArray
from equivalence.machine.environment import uses_onednn

ONCE, CUT, EACH = "once", "cut off once", "each step"


def onednn_knows_bfloat16():
    """Say whether oneDNN computes in bfloat16 here.

    TensorFlow asks it only on processors with AVX-512 (tensorflow/core/util/util.cc,
    IsDataTypeSupportedByOneDNNOnThisCPU), which NumPy finds, too.
    """
    return uses_onednn() and has_avx512()


def _by_onednn(attributes):
    """oneDNN's convolutions; paddings that are given go another way."""
    return attributes.get("padding") != "EXPLICIT" and onednn_knows_bfloat16()


def _with_onednn(attributes):
    return onednn_knows_bfloat16()


def _channels_last(attributes):
    return attributes.get("data_format") == "NHWC"


@dataclass(frozen=True)
class Row:
    """Kinds whose kernels compute in float32 and round once; the first row that applies counts.

    kinds: TensorFlow's names of the operations.
    source: where that stands, by the name of the file, and what was measured.
    precisions: for which of the half precisions.
    where: of an operation's attributes, whether it is so.
    way: CUT, where it is cut off instead of rounded.
    """

    kinds: tuple
    source: str
    precisions: tuple = HALVES
    where: Callable = lambda attributes: True
    way: str = ONCE


# Sums, which are infinite or no numbers where a partial sum is (L18').
SUMS = (
    *("Sum", "Mean", "AddN", "BiasAddGrad", "Cumsum", "L2Loss", "AvgPool", "AvgPoolGrad"),
    *("MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3", "Einsum", "Conv2D"),
    *("Conv2DBackpropInput", "Conv2DBackpropFilter", "DepthwiseConv2dNative"),
    *("DepthwiseConv2dNativeBackpropInput", "DepthwiseConv2dNativeBackpropFilter"),
    *("UnsortedSegmentSum", "ScatterNd", "ResourceScatterAdd"),
)
PRODUCTS = ("MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3")
MEASURED = "python -m equivalence.measure.halves: all 65,536 numbers"
ROWS = (
    Row(
        ("Add", "AddV2", "AssignAddVariableOp", "Sub", "AssignSubVariableOp", "Mul", "RealDiv"),
        "Eigen/src/Core/arch/Default/Half.h and BFloat16.h: every operator is one of floats",
    ),
    Row(("Div", "DivNoNan", "MulNoNan", "BiasAdd", "Square"), "one operator of the same files"),
    Row(
        ("Exp", "Expm1", "Log", "Log1p", "Tanh", "Sin", "Cos", "Sqrt", "Reciprocal", "Inv"),
        f"Eigen/src/Core/arch/AVX/MathFunctions.h, F16_PACKET_FUNCTION; {MEASURED}",
    ),
    Row(
        ("StatelessRandomNormalV2",),
        "tensorflow/core/lib/random/random_distributions.h, NormalDistribution: BoxMullerFloat's",
    ),
    Row(("Erfc",), f"a float's function of each number; {MEASURED}"),
    Row(("Pow",), "a float's function of each number; tests/test_halves.py"),
    Row(
        ("Sum", "Mean"),
        "tensorflow/core/kernels/reduction_ops.h, CASTING_SPECIALIZATION to float, which float16 "
        "has not: Eigen adds it in itself",
        ("bfloat16",),
    ),
    Row(
        PRODUCTS,
        "tensorflow/core/kernels/matmul_op_impl.h: float for 16-bit inputs",
        ("float16",),
    ),
    Row(
        PRODUCTS,
        "oneDNN, Data Types: bfloat16 primitives accumulate in float32",
        ("bfloat16",),
        _with_onednn,
    ),
    Row(
        PRODUCTS,
        "matmul_op_impl.h, and tensorflow/core/framework/bfloat16.cc, FloatToBFloat16, which takes "
        "the upper half of a float32",
        ("bfloat16",),
        way=CUT,
    ),
    Row(
        ("Conv2D",),
        "tensorflow/core/kernels/conv_2d.h: SpatialConvolution of half casts to float",
        ("float16",),
    ),
    Row(
        ("Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter"),
        "oneDNN, Data Types: bfloat16 primitives accumulate in float32",
        ("bfloat16",),
        _by_onednn,
    ),
    Row(
        ("BiasAddGrad",),
        "tensorflow/core/kernels/bias_op.cc: AccumulatorType<half> is float; bfloat16's is itself",
        ("float16",),
        _channels_last,
    ),
)


def way_of(kind, dtype, attributes):
    """Return how an operation of this kind computes in a half precision: ONCE, CUT or EACH."""
    for row in ROWS:
        if kind in row.kinds and dtype in row.precisions and row.where(attributes):
            return row.way
    return EACH


def ends(ball, precision, way):
    """Return (lowest, highest) result in half precision of a ball of that way's precision."""
    if way != EACH:
        return from_wider(ball, precision, cut_off if way == CUT else nearest)
    low, high = ball._ends()
    unbounded = np.isinf(ball.rad)
    return np.where(unbounded, -np.inf, low), np.where(unbounded, np.inf, high)


def between(low, high, model):
    """Return the balls from one number to another, unbounded where one is infinite."""
    bounded = np.isfinite(low) & np.isfinite(high)
    low, high = np.where(bounded, low, 0), np.where(bounded, high, 0)
    rad = np.where(low == high, 0, (high - low) / 2 * OUTWARDS)
    mid = np.where(low == high, low, low / 2 + high / 2)
    return RoundingArray(mid, np.where(bounded, rad, np.inf), model)


def from_wider(ball, precision, step):
    """Return (lowest, highest): the floats of a half precision that a ball of float32 becomes.

    Rounding to nearest is monotone, and so is cutting off: what lies between two numbers becomes
    what lies between what the two become (L19).  Both are infinite where every number of the ball
    overflows.
    """
    low, high = (step(end, precision) for end in ball._ends())
    unbounded = np.isinf(ball.rad)
    return np.where(unbounded, -np.inf, low), np.where(unbounded, np.inf, high)


def nearest(values, precision):
    """Round float64 numbers once to a half precision, to the even one of two; return float64.

    ``astype`` may round to float32 first: ml_dtypes makes 1 of 1 + 2^-8 + 2^-40.
    """
    place = _place(values, precision)
    rounded = np.rint(values / place) * place
    return np.where(np.abs(rounded) > precision.largest, np.copysign(np.inf, values), rounded)


def cut_off(values, precision):
    """Return float64 numbers without what a half precision has no place for, towards 0."""
    place = _place(values, precision)
    return np.where(np.isinf(values), values, np.trunc(values / place) * place)


def _place(values, precision):
    """Return what the last place of numbers is worth in a half precision."""
    _, exponent = np.frexp(values)
    places = -round(np.log2(precision.unit))
    return np.ldexp(1.0, np.maximum(exponent - places, round(np.log2(precision.smallest))))
