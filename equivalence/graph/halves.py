"""How kernels of a CPU compute in half precision: one row for each kind of operation.

An operation of float16 or bfloat16 numbers is rarely computed in them.  Many kernels take their
operands to float32, compute there, and round *once*, at the end: a ball of float32, and then the
floats between its ends rounded to nearest, often a single one (L19).  Others round *each step* of
their formula: that runs over balls of the half precision itself, and holds the others, too (L18).
A row says where a kernel was found to round once; a kind without a row may round each step.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from equivalence.arithmetic.precisions import HALVES
from equivalence.arithmetic.rounding import OUTWARDS, RoundingArray

ONCE, EACH = "once", "each step"


def onednn_knows_bfloat16():
    """Say whether oneDNN computes in bfloat16 here.

    TensorFlow asks it only on processors with AVX-512 (tensorflow/core/util/util.cc,
    IsDataTypeSupportedByOneDNNOnThisCPU), which NumPy finds, too.
    """
    from numpy._core._multiarray_umath import __cpu_features__
    from tensorflow.python.util import _pywrap_util_port as port

    return port.IsMklEnabled() and __cpu_features__.get("AVX512F", False)


def _by_onednn(attributes):
    """oneDNN's convolutions; paddings that are given go another way."""
    return attributes.get("padding") != "EXPLICIT" and onednn_knows_bfloat16()


def _channels_last(attributes):
    return attributes.get("data_format") == "NHWC"


@dataclass(frozen=True)
class Row:
    """Kinds whose kernels compute in float32 and round once.

    kinds: TensorFlow's names of the operations.
    source: where that stands, by the name of the file, and what was measured.
    precisions: for which of the half precisions.
    where: of an operation's attributes, whether it is so.
    """

    kinds: tuple
    source: str
    precisions: tuple = HALVES
    where: Callable = lambda attributes: True


# Sums, which are infinite or no numbers where a partial sum is (L18').
SUMS = (
    *("Sum", "Mean", "AddN", "BiasAddGrad", "Cumsum", "L2Loss", "AvgPool", "AvgPoolGrad"),
    *("MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3", "Einsum", "Conv2D"),
    *("Conv2DBackpropInput", "Conv2DBackpropFilter", "DepthwiseConv2dNative"),
    *("DepthwiseConv2dNativeBackpropInput", "DepthwiseConv2dNativeBackpropFilter"),
    *("UnsortedSegmentSum", "ScatterNd", "ResourceScatterAdd"),
)
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
    Row(("Erfc",), f"a float's function of each number; {MEASURED}"),
    Row(("Pow",), "a float's function of each number; tests/test_halves.py"),
    Row(
        ("Sum", "Mean"),
        "tensorflow/core/kernels/reduction_ops.h, CASTING_SPECIALIZATION to float, which float16 "
        "has not: Eigen adds it in itself",
        ("bfloat16",),
    ),
    Row(
        ("MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3"),
        "tensorflow/core/kernels/matmul_op_impl.h: float for 16-bit inputs; oneDNN: float32 sums",
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
    """Return how an operation of this kind computes in a half precision: ONCE or EACH."""
    for row in ROWS:
        if kind in row.kinds and dtype in row.precisions and row.where(attributes):
            return ONCE
    return EACH


def ends(ball, precision):
    """Return (lowest, highest) result in half precision of a ball of either precision."""
    if ball.model.dtype == precision.wider:
        return rounded_once(ball, precision)
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


def rounded_once(ball, precision):
    """Return (lowest, highest): the floats of a half precision that a ball of float32 rounds to.

    Rounding to nearest is monotone: what lies between two numbers is rounded to what lies between
    the two rounded (L19).  Both are infinite where every number of the ball overflows.
    """
    low, high = (nearest(end, precision) for end in ball._ends())
    unbounded = np.isinf(ball.rad)
    return np.where(unbounded, -np.inf, low), np.where(unbounded, np.inf, high)


def nearest(values, precision):
    """Round float64 numbers once to a half precision, to the even one of two; return float64.

    ``astype`` may round to float32 first: ml_dtypes makes 1 of 1 + 2^-8 + 2^-40.
    """
    _, exponent = np.frexp(values)
    places = -round(np.log2(precision.unit))
    place = np.ldexp(1.0, np.maximum(exponent - places, round(np.log2(precision.smallest))))
    rounded = np.rint(values / place) * place
    return np.where(np.abs(rounded) > precision.largest, np.copysign(np.inf, values), rounded)
