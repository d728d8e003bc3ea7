"""Operations of TensorFlow's graphs: operands and attributes that their rules are tried on."""

import inspect
from dataclasses import replace
from functools import cache
from importlib import import_module
from itertools import permutations

import numpy as np

from equivalence.arithmetic.rounding import Model, RoundingArray
from equivalence.graph import kinds, pairs  # noqa: F401  (kinds fills the table)
from equivalence.graph.certificate import KERNELS, over_balls
from equivalence.graph.replay import Execution, attributes, execute
from equivalence.graph.rules import RULES
from equivalence.judge.certificate import usage
from refimpl.ops import pools

RNG = np.random.default_rng(5)
A, B = (RNG.normal(size=(4, 6)) for _ in range(2))
POSITIVE = np.abs(A) + 0.1
IMAGES, FILTER = RNG.normal(size=(2, 7, 6, 4)), RNG.normal(size=(3, 3, 4, 5))
DEPTHWISE = RNG.normal(size=(3, 2, 4, 2))
CONV = {"strides": [1, 2, 2, 1], "padding": "SAME"}
DILATED = {"strides": [1] * 4, "padding": "VALID", "dilations": [1, 2, 1, 1]}
EXPLICIT = {
    "strides": [1, 2, 1, 1],
    "padding": "EXPLICIT",
    "explicit_paddings": [0, 0, 1, 2, 0, 1, 0, 0],
}
POOL = {"ksize": [1, 3, 2, 1], "strides": [1, 2, 2, 1], "padding": "SAME"}
SLICE = {"begin_mask": 1, "end_mask": 2, "shrink_axis_mask": 4, "ellipsis_mask": 0}
VOLUMES, FILTER_3D = RNG.normal(size=(2, 5, 4, 6, 3)), RNG.normal(size=(2, 3, 2, 3, 4))
FLOW_3D = RNG.normal(size=(2, 3, 2, 6, 4))
VOLUME_CONV = {"strides": [1, 2, 2, 1, 1], "padding": "SAME"}
VOLUME_POOL = {"ksize": [1, 3, 2, 2, 1], "strides": [1, 2, 2, 1, 1], "padding": "SAME"}
SPREAD = A @ A.T + np.eye(4)
BOOLS = A > 0
BYTES = np.arange(3, 255, 21, dtype=np.uint8).reshape(2, 3, 2)
FULL = RNG.normal(size=(5, 5))
GAMMAS = np.array([0.01, 0.5, 1, 1.46, 1.99, 2.5, 9.5, 31, 400, -0.3, -2.5, -2.75, -7.1])
SHARES = np.array([1e-9, 0.02, 0.3, 0.5, 0.501, 0.8, 0.97, 0.9999])
EDGES = np.array([[-1.0, 0, 3, 6, 6.5, 7], [0.5, 6, 0, -7, 1, 2]])  # where a slope changes
TALL = {"strides": [1] * 4, "padding": "EXPLICIT", "explicit_paddings": [0, 0, 2, 0, 0, 1, 0, 0]}
PLACES_OF_TWO = [[[1, 2], [0, 0]], [[0, 1], [1, 3]], [[1, 1], [0, 2]]]
SPREADS = np.stack([SPREAD[:3, :3], 2 * SPREAD[1:, 1:]])
SOLVED = np.stack([A[:3, :2], B[:3, :2]])
SLANTED = np.stack([A[:3, :3], B[:3, :3]])[None] + 3 * np.eye(3)
PLACES_OF_THREE = [[[1, 2], [0, 0], [1, 3]], [[0, 1], [1, 1], [0, 2]]]
ZEROS_AND_ONES = np.array([0.0, 1, 0, 1, -2, 0.5])
WITH_ZEROS = np.array([0.0, 0.5, -1, 3, 2, 4])
FORWARDS, BACKWARDS = ({"exclusive": False, "reverse": reverse} for reverse in (False, True))
COUNTED = [[1, 0, 3, 1], [3, 3, 0, 5]]
I32 = np.int32
# Places in three rows of four, of which one has none; and in two times two rows of three.
FEW, FEW_SHAPE = np.array([[0, 1], [0, 2], [0, 3], [2, 0], [2, 3]]), np.array([3, 4])
FEW_DEEP = np.array([[0, 0, 1], [0, 0, 2], [0, 1, 0], [1, 1, 0], [1, 1, 2]])
# Words of two and of three letters, of which one comes twice, and of one in fewer steps.
SPELLED = (
    RNG.normal(size=(7, 3, 5)),
    np.array([[0, 0], [0, 1], [1, 0], [1, 1], [1, 2], [2, 0]], np.int64),
    [1, 0, 2, 2, 0, 3],
    [6, 7, 4],
)
# A word that ends twice alike, two of one letter, of which one has one step, and logits so large,
# and so far apart, that only their largest may be taken off before they are powers.
EDGES_OF_WORDS = (
    np.stack([A[:, :5], B[:, :5], A[:, 1:] + 300 * np.array([1, -1, 1, 1, 1])], axis=1),
    np.array([[0, 0], [0, 1], [0, 2], [1, 0], [2, 0]], np.int64),
    [1, 0, 0, 2, 3],
    [4, 1, 3],
)
OF_REPEATED: tuple[dict, ...] = (
    {},
    {"ctc_merge_repeated": False},
    {"preprocess_collapse_repeated": True},
)
MIRRORS = ("REFLECT", "SYMMETRIC")
PATCHES = {
    "ksizes": [1, 3, 2, 1],
    "strides": [1, 2, 1, 1],
    "rates": [1, 1, 2, 1],
    "padding": "SAME",
}
COLORS = np.concatenate([RNG.uniform(size=(8, 3)), [[0, 0, 0], [0.4] * 3, [1, 0.5, 1], [1, 1, 0]]])
# green is the largest, hardly and by far; a red without blue or green is no hue below 0
GREENS = np.array([[0.2, 0.9, 0.4], [0.5, 0.8, 0.1], [0.9, 0.3, 0.3], [0, 0.7, 0.7]])
MANY_COLORS = np.concatenate([COLORS, GREENS]).reshape(2, 2, 4, 3)
# each order of three, and two alike
ORDERED = np.array([*permutations([0.2, 0.5, 0.9]), *permutations([0.3, 0.8, 0.8])])
ORDERED = np.concatenate([ORDERED, ORDERED[::-1] ** 2]).reshape(2, 3, 4, 3)
# Numbers so far apart that only their largest may be taken off before they are powers.
APART = np.array([[-900.0, 3, 2.5, 800], [800, 790, -900, 1]])
SHAPE_OF_WORDS = [3, 5]
KEY, COUNTER = np.array([7], np.uint64), np.array([3, 1], np.uint64)

WIDE = (
    "ComputeAccidentalHits",
    "SparseTensorDenseMatMul",
    "StatelessRandomUniformIntV2",
    "RaggedTensorToTensor",
    "CTCLoss",
    "MaxPoolGradWithArgmax",
    *(f"SparseDenseCwise{kind}" for kind in ("Add", "Mul", "Div")),
    *("SparseReduceSum", "SparseSoftmax", "SparseFillEmptyRows", "SparseFillEmptyRowsGrad"),
    *("SparseTensorDenseAdd", "SparseReorder"),
)  # kinds with numbers in int64
# kind, operands, attributes: floats are tried in float32 and in float64.
CASES: list[tuple] = [
    *((kind, (A, B), {}) for kind in ("AddV2", "Sub", "Mul", "RealDiv", "SquaredDifference")),
    *((kind, (A, B * (B > 0)), {}) for kind in ("DivNoNan", "MulNoNan")),
    *((kind, (A, B), {}) for kind in ("Maximum", "Minimum", "FloorMod", "Greater", "Equal")),
    *((kind, (A,), {}) for kind in ("Neg", "Abs", "Sign", "Square", "Floor", "Rint", "Ceil")),
    *((kind, (A,), {}) for kind in ("Exp", "Expm1", "Tanh", "Sin", "Cos", "Sigmoid", "Softplus")),
    *((kind, (A,), {}) for kind in ("Softsign", "Elu", "Selu", "Relu", "Relu6", "Erfc")),
    *((kind, (POSITIVE,), {}) for kind in ("Sqrt", "Rsqrt", "Log", "Log1p", "Reciprocal")),
    ("Pow", (POSITIVE, B), {}),
    *((kind, (A, B), {}) for kind in ("TanhGrad", "SigmoidGrad", "RsqrtGrad", "ReluGrad")),
    *((kind, (A, B), {}) for kind in ("Relu6Grad", "SoftplusGrad", "SoftsignGrad")),
    *((kind, (A, B), {}) for kind in ("EluGrad", "SeluGrad", "ReciprocalGrad")),
    ("SqrtGrad", (POSITIVE, B), {}),
    ("LeakyRelu", (A,), {"alpha": 0.3}),
    ("LeakyReluGrad", (A, B), {"alpha": 0.3}),
    ("SelectV2", (BOOLS, A, B), {}),
    ("ClipByValue", (A, np.float64(-0.5), np.float64(0.5)), {}),
    *((kind, (A, [1]), {"keep_dims": True}) for kind in ("Sum", "Mean", "Prod", "Max", "Min")),
    *((kind, (A, [0, 1]), {"keep_dims": False}) for kind in ("Sum", "Mean", "Max")),
    ("AddN", ([A, B, A * B],), {}),
    ("L2Loss", (A,), {}),
    ("BiasAdd", (A, B[0]), {}),
    ("BiasAddGrad", (IMAGES,), {}),
    ("Cumsum", (A, I32(1)), {"exclusive": True, "reverse": True}),
    ("Cumsum", (A, I32(0)), {"exclusive": False, "reverse": False}),
    ("ArgMax", (A, I32(1)), {}),
    ("MatMul", (A, B), {"transpose_a": True, "transpose_b": False}),
    ("MatMul", (A, B), {"transpose_a": False, "transpose_b": True}),
    ("BatchMatMulV2", (IMAGES, IMAGES), {"adj_x": False, "adj_y": True}),
    ("Einsum", ([IMAGES, B[:, :3]],), {"equation": "abcd,de->abec"}),
    *(
        ("Einsum", (parts,), {"equation": equation})
        for equation, *parts in (
            ("ab,ab->aab", A, B),
            ("ii,ij->ij", FULL, FULL),
            ("ij,ij->ii", FULL, FULL),
            ("i,ab->aibi", FULL[0], FULL),
            ("ab,cd->bd", A, B),
            ("iij->i", IMAGES[:, :2, :, 0]),
            ("i->ii", FULL[0]),
        )
    ),
    *(("Conv2D", (IMAGES, FILTER), options) for options in (CONV, DILATED, EXPLICIT)),
    ("Conv2D", (IMAGES, RNG.normal(size=(3, 3, 2, 6))), CONV),  # in two groups
    ("Conv2DBackpropInput", ([2, 7, 6, 4], FILTER, RNG.normal(size=(2, 4, 3, 5))), CONV),
    ("Conv2DBackpropInput", ([2, 7, 6, 4], FILTER, RNG.normal(size=(2, 4, 5, 5))), EXPLICIT),
    ("Conv2DBackpropFilter", (IMAGES, [3, 3, 4, 5], RNG.normal(size=(2, 4, 3, 5))), CONV),
    ("Conv2DBackpropFilter", (IMAGES, [3, 3, 4, 5], RNG.normal(size=(2, 4, 5, 5))), EXPLICIT),
    ("DepthwiseConv2dNative", (IMAGES, DEPTHWISE), CONV),
    (
        "DepthwiseConv2dNativeBackpropInput",
        ([2, 7, 6, 4], DEPTHWISE, RNG.normal(size=(2, 4, 3, 8))),
        CONV,
    ),
    (
        "DepthwiseConv2dNativeBackpropFilter",
        (IMAGES, [3, 2, 4, 2], RNG.normal(size=(2, 4, 3, 8))),
        CONV,
    ),
    ("MaxPool", (IMAGES,), POOL),
    ("MaxPool", (np.where(np.arange(6)[:, None] < 4, -np.inf, IMAGES),), POOL),
    ("AvgPool", (IMAGES,), POOL),
    ("AvgPoolGrad", ([2, 7, 6, 4], RNG.normal(size=(2, 4, 3, 4))), POOL),
    ("Softmax", (A,), {}),
    ("LogSoftmax", (A,), {}),
    ("SoftmaxCrossEntropyWithLogits", (A, np.abs(B)), {}),
    ("SparseSoftmaxCrossEntropyWithLogits", (A, [0, 5, 2, 2]), {}),
    ("Reshape", (A, [2, -1]), {}),
    ("ExpandDims", (A, I32(-1)), {}),
    ("Squeeze", (A[:, :1],), {"axis": [1]}),
    ("Transpose", (IMAGES, [3, 0, 2, 1]), {}),
    ("Pad", (A, [[1, 2], [0, 3]]), {}),
    ("PadV2", (A, [[1, 2], [0, 3]], np.float64(0.5)), {}),
    ("MirrorPad", (A, [[1, 2], [0, 3]]), {"mode": "REFLECT"}),
    ("StridedSlice", (IMAGES, [0, 1, 2], [1, 9, 3], [1, 2, 1]), SLICE),
    (
        "StridedSliceGrad",
        ([2, 7, 6, 4], [0, 1, 2], [1, 9, 3], [1, 2, 1], IMAGES[:1, 1::2, 2]),
        SLICE,
    ),
    ("StridedSliceGrad", ([4, 3], [0], [0], [1], A[:0, :3]), {}),
    ("Slice", (A, [1, 2], [2, -1]), {}),
    ("Tile", (A, [2, 3]), {}),
    ("ConcatV2", ([A, B], I32(1)), {}),
    ("Pack", ([A, B],), {"axis": 1}),
    ("Unpack", (A,), {"num": 4, "axis": 0}),
    ("Split", (I32(1), A), {"num_split": 3}),
    ("SplitV", (A, [1, -1, 2], I32(1)), {"num_split": 3}),
    ("BroadcastTo", (A, [3, 4, 6]), {}),
    ("ReverseV2", (A, [0]), {}),
    ("MatrixBandPart", (A, I32(1), I32(-1)), {}),
    ("SpaceToBatchND", (IMAGES[:, :6], [2, 3], [[0, 2], [1, 2]]), {}),
    ("BatchToSpaceND", (RNG.normal(size=(12, 4, 3, 2)), [2, 3], [[1, 0], [2, 1]]), {}),
    ("ZerosLike", (A,), {}),
    ("OnesLike", (A,), {}),
    ("Fill", ([2, 3], np.float64(1.25)), {}),
    ("OneHot", ([1, 3, 0], I32(4), np.float64(0.9), np.float64(0.1)), {"axis": -1}),
    ("GatherV2", (A, [3, 0, 0], I32(0)), {}),
    ("GatherV2", (A, [[1, 2], [0, 0], [5, 1], [3, 3]], I32(1)), {"batch_dims": 1}),
    ("GatherNd", (IMAGES, [[1, 2], [0, 0]]), {}),
    ("UnsortedSegmentSum", (A, [2, 0, 2, -1], I32(5)), {}),
    ("ScatterNd", ([[1], [3], [1]], A[:3], [5, 6]), {}),
    ("TensorScatterUpdate", (A, [[1, 2], [3, 0]], B[0, :2]), {}),
    ("TensorScatterUpdate", (A, [[1], [3], [1]], B[:3]), {}),
    ("StatelessRandomGetKeyCounter", ([5, -7],), {}),
    *((kind, (0.9 * np.tanh(A),), {}) for kind in ("Erf", "Sinh", "Cosh", "Tan", "Asin", "Acos")),
    *((kind, (0.9 * np.tanh(A),), {}) for kind in ("Atan", "Asinh", "Atanh")),
    ("Acosh", (1 + POSITIVE,), {}),
    *((kind, (A * (A > 0), POSITIVE), {}) for kind in ("Xlogy", "Xlog1py", "Xdivy")),
    ("Cumprod", (A, I32(0)), {"exclusive": True, "reverse": True}),
    ("CumulativeLogsumexp", (A, I32(1)), {"exclusive": False, "reverse": True}),
    ("TopKV2", (A, I32(3)), {}),
    ("Roll", (A, [1, -2], [0, 1]), {}),
    ("MatrixDiagV3", (A, I32(1), I32(-1), I32(-1), np.float64(0.5)), {"align": "LEFT_LEFT"}),
    ("MatrixDiagV3", (B[:2, :2], [-1, 0], I32(2), I32(2), np.float64(0)), {"align": "LEFT_RIGHT"}),
    ("MatrixSetDiagV3", (IMAGES[0, :, :, :3], B[[0] * 7, :3], I32(0)), {"align": "RIGHT_LEFT"}),
    ("MatrixDiagPartV3", (A, [-2, 1], np.float64(0.25)), {"align": "RIGHT_LEFT"}),
    ("MatrixDiagPartV3", (A, I32(-1), np.float64(0)), {"align": "LEFT_RIGHT"}),
    ("SpaceToDepth", (IMAGES[:, :6],), {"block_size": 2}),
    ("DepthToSpace", (IMAGES,), {"block_size": 2}),
    ("SegmentSum", (A, [0, 0, 2, 2]), {}),
    ("SegmentMean", (A, [0, 0, 2, 2]), {}),
    ("SegmentMax", (A, [0, 0, 2, 2]), {}),
    ("SegmentMin", (A, [0, 0, 2, 2]), {}),
    ("UnsortedSegmentMax", (A, [2, 0, 1, -1], I32(3)), {}),
    ("UnsortedSegmentMin", (A, [2, 0, 2, 1], I32(3)), {}),
    ("UnsortedSegmentProd", (A, [2, 0, 2, 0], I32(3)), {}),
    ("SparseSegmentSum", (A, [3, 0, 0], [0, 1, 1]), {}),
    ("SparseSegmentMean", (A, [3, 0, 0], [0, 1, 1]), {}),
    ("TensorScatterAdd", (A, [[1], [3], [1]], B[:3]), {}),
    ("TensorScatterSub", (A, [[1, 2], [3, 0]], B[0, :2]), {}),
    ("TensorScatterUpdate", (A, [[1], [3]], B[:2]), {}),
    (
        "SparseTensorDenseMatMul",
        (np.array([[0, 1], [2, 3], [2, 0]], np.int64), B[0, :3], np.array([3, 4], np.int64), A),
        {"adjoint_a": False, "adjoint_b": False},
    ),
    ("Conv3D", (VOLUMES, RNG.normal(size=(2, 3, 2, 3, 4))), VOLUME_CONV),
    ("Conv3DBackpropInputV2", ([2, 5, 4, 6, 3], FILTER_3D, FLOW_3D), VOLUME_CONV),
    ("Conv3DBackpropFilterV2", (VOLUMES, [2, 3, 2, 3, 4], FLOW_3D), VOLUME_CONV),
    ("Cholesky", (SPREAD,), {}),
    ("MatrixTriangularSolve", (SPREAD, A[:, :3]), {"lower": True, "adjoint": False}),
    ("MatrixTriangularSolve", (SPREAD, A[:, :3]), {"lower": True, "adjoint": True}),
    ("ListDiff", ([5, 3, 1, 3], [3]), {}),
    ("ConcatOffset", (I32(1), [np.array([2, 3]), np.array([2, 5])]), {}),
    ("BroadcastGradientArgs", ([2, 1, 3], [4, 1]), {}),
    (
        "DynamicStitch",
        (
            [np.array([3, 0], I32), np.array([[1], [2]], I32)],
            [RNG.normal(size=(2, 3)), RNG.normal(size=(2, 1, 3))],
        ),
        {},
    ),
    (
        "DynamicStitch",
        ([np.array(a, I32) for a in ([0, 1], [1])], [np.array(a, I32) for a in ([5, 6], [7])]),
        {},
    ),
    # what one row of each kind leaves open
    ("Relu6", (EDGES,), {}),
    *((kind, (1 + EDGES, EDGES), {}) for kind in ("ReluGrad", "Relu6Grad")),
    ("Select", (A[:, 0] > 0, A, B), {}),
    ("Select", (BOOLS, A, B), {}),
    ("MulNoNan", (A, np.where(B > 0, 1.0, 0.0)), {}),
    ("BatchMatMulV2", (IMAGES[..., :3, :], IMAGES[..., :3, :2]), {"adj_x": True, "adj_y": False}),
    ("Conv2DBackpropInput", ([2, 7, 6, 4], FILTER, RNG.normal(size=(2, 7, 5, 5))), TALL),
    ("BiasAdd", (IMAGES, RNG.normal(size=7)), {"data_format": "NCHW"}),
    ("Cumsum", (A, I32(1)), {"exclusive": True, "reverse": False}),
    ("Cumsum", (IMAGES, I32(1)), {"exclusive": False, "reverse": True}),
    ("ArgMin", (A, I32(1)), {}),
    ("Slice", (A, [1, 2], [2, 3]), {}),
    ("Slice", (A, [1, 2], [0, 1]), {}),
    *(("XlaDynamicUpdateSlice", (A, B[:2, :3], at), {}) for at in ([1, 2], [3, 5], [-1, 0])),
    ("XlaDynamicUpdateSlice", (A, B[:0], [1, 2]), {}),
    ("SplitV", (A, [0, -1, 2, 0], I32(1)), {"num_split": 4}),
    *(("MatrixBandPart", (IMAGES, I32(low), I32(up)), {}) for low, up in ((0, 1), (1, 0), (-1, 0))),
    ("SpaceToBatchND", (IMAGES, [2], [[0, 1]]), {}),
    ("BatchToSpaceND", (RNG.normal(size=(6, 4, 3, 2)), [3], [[1, 2]]), {}),
    ("OneHot", ([1, 3, 0], I32(4), np.float64(0.9), np.float64(0.1)), {"axis": 0}),
    ("GatherNd", (IMAGES, PLACES_OF_TWO), {}),
    ("ScatterNd", (PLACES_OF_TWO, RNG.normal(size=(3, 2, 4)), [2, 4, 4]), {}),
    ("UnsortedSegmentSum", (A, [3, 1, 1, 1], I32(4)), {}),
    ("ConcatOffset", (I32(0), [np.array([2, 3]), np.array([4, 3])]), {}),
    ("BroadcastGradientArgs", ([2, 1, 3], [2, 4, 3]), {}),
    ("BroadcastGradientArgs", ([3], [3]), {}),
    *(
        (
            "DenseBincount",
            ([[1, 0, 3, 1], [3, 3, 0, 5]], I32(4), weights),
            {"binary_output": binary},
        )
        for weights, binary in ((np.zeros(0), True), (np.zeros(0), False), (A[:2, :4], False))
    ),
    ("MatrixDiagV3", (A, I32(-1), I32(-1), I32(9), np.float64(0.5)), {"align": "LEFT_LEFT"}),
    ("MatrixDiagV3", (A, I32(2), I32(9), I32(-1), np.float64(0.5)), {"align": "LEFT_LEFT"}),
    ("UnsortedSegmentSum", (A, [-1, -1, -1, -1], I32(3)), {}),
    # several matrices, or axes, side by side
    *(("CumulativeLogsumexp", (APART, I32(1)), way) for way in (FORWARDS, BACKWARDS)),
    *(("CumulativeLogsumexp", (IMAGES, I32(1)), way) for way in (FORWARDS, BACKWARDS)),
    ("Cumprod", (IMAGES, I32(2)), {"exclusive": True, "reverse": False}),
    ("Cumsum", (IMAGES, I32(2)), {"exclusive": True, "reverse": True}),
    ("Cholesky", (SPREADS,), {}),
    *(
        ("MatrixTriangularSolve", (SPREADS, SOLVED), {"lower": lower, "adjoint": adjoint})
        for lower in (True, False)
        for adjoint in (True, False)
    ),
    ("TopKV2", (IMAGES, I32(2)), {}),
    ("OneHot", ([[1, 3], [0, 2]], I32(4), np.float64(0.9), np.float64(0.1)), {"axis": -1}),
    *(("MatrixDiagV3", (A, I32(k), I32(-1), I32(-1), np.float64(0.5)), {}) for k in (-1, 2)),
    ("MatrixDiagV3", (A, I32(-2), I32(-1), I32(6), np.float64(0.5)), {}),
    ("MatrixDiagPartV3", (IMAGES, [-1, 2], np.float64(0.25)), {"align": "RIGHT_RIGHT"}),
    ("BroadcastGradientArgs", ([1, 3], [1, 3]), {}),
    ("BroadcastGradientArgs", ([2, 1, 3], [2, 1, 1]), {}),
    ("ConcatOffset", (I32(1), [np.array([2, 3, 4]), np.array([2, 5, 4])]), {}),
    # places, patches, colors
    ("Pow", (A, np.rint(2 * B) + 0.0), {}),
    ("Pow", (A, np.float64(3)), {}),
    ("Where", (BOOLS,), {}),
    ("LowerBound", (np.sort(A), B), {}),
    ("LowerBound", (EDGES[:1], EDGES[:1]), {}),
    ("UpperBound", (np.sort(A), B), {}),
    ("UpperBound", (EDGES[:1], EDGES[:1]), {}),
    ("Bucketize", (A,), {"boundaries": [-0.5, 0.25, 1.0]}),
    ("Bucketize", (EDGES,), {"boundaries": [-1.0, 0.5, 6.0]}),
    ("Unique", ([3, 1, 3, 2, 1],), {}),
    ("Unpack", (A[:1],), {"num": 1, "axis": 0}),
    ("Split", (I32(1), A), {"num_split": 1}),
    ("SplitV", (A, [6], I32(1)), {"num_split": 1}),
    ("BitwiseXor", (COUNTED, [[4, 7, 1, 2], [3, 1, 9, 5]]), {}),
    ("Invert", (COUNTED,), {}),
    ("NextAfter", (A, B), {}),
    ("EnsureShape", (A,), {"shape": [4, 6]}),
    ("CheckNumerics", (A,), {"message": ""}),
    ("PlaceholderWithDefault", (A,), {"shape": [4, 6]}),
    ("BroadcastArgs", ([2, 1, 3], [4, 1]), {}),
    ("SparseToDense", ([[1, 2], [3, 0]], [4, 3], A[0, :2], np.float64(0.5)), {}),
    ("SparseToDense", ([2, 3], [5], A[0, :2], np.float64(0.5)), {}),
    ("SparseToDense", ([0, 2], [4], A[0, 0], np.float64(0)), {}),
    ("ExtractImagePatches", (IMAGES,), PATCHES),
    ("ExtractImagePatches", (IMAGES,), {**PATCHES, "padding": "VALID"}),
    *(("MirrorPadGrad", (A, [[1, 1], [2, 1]]), {"mode": mode}) for mode in MIRRORS),
    ("MirrorPadGrad", (IMAGES, [[0, 0], [2, 1], [1, 2], [0, 0]]), {"mode": "REFLECT"}),
    ("Cross", (A[:, :3], B[:, :3]), {}),
    ("Cross", (IMAGES[..., :3], IMAGES[::-1, ..., 1:]), {}),
    *(
        (kind, (c,), {})
        for kind in ("RGBToHSV", "HSVToRGB")
        for c in (COLORS, MANY_COLORS, ORDERED)
    ),
    ("Empty", ([2, 3],), {"init": True, "dtype": np.float32}),
    *(
        ("StatelessRandomUniformIntV2", (SHAPE_OF_WORDS, KEY, COUNTER, I32(1), low, high), {})
        for low, high in (
            (I32(3), I32(20)),
            (I32(-9), I32(400)),
            (np.array(-3), np.array(2**40)),  # of two words a number
        )
    ),
    # conditions and counts beside more axes than two
    ("Select", (IMAGES[:, 0, 0, 0] > 0, IMAGES, -2 * IMAGES), {}),
    ("SegmentMean", (A.reshape(4, 2, 3), [0, 0, 0, 2]), {}),
    ("UnsortedSegmentMax", (IMAGES[:1], [1], I32(2)), {}),
    ("SegmentSum", (A[:0], np.zeros(0, I32)), {}),
    # where the first factor is 0 or 1, and the other one has no logarithm or quotient
    *((kind, (ZEROS_AND_ONES, WITH_ZEROS), {}) for kind in ("Xlogy", "Xlog1py", "Xdivy")),
    # matrices in two axes of others, of which no two have one length; none is symmetric
    ("Cholesky", (SPREADS[None],), {}),
    *(
        ("MatrixTriangularSolve", (SLANTED, RNG.normal(size=(1, 2, 3, 2))), options)
        for options in ({"lower": lower, "adjoint": True} for lower in (True, False))
    ),
    ("BatchToSpaceND", (RNG.normal(size=(12, 4, 5, 2)), [2, 3], [[1, 0], [2, 1]]), {}),
    ("DepthToSpace", (RNG.normal(size=(2, 3, 5, 8)),), {"block_size": 2}),
    # sizes that follow from the diagonals, on either side of the main one
    *(
        ("MatrixDiagV3", (A, I32(k), I32(rows), I32(columns), np.float64(0.5)), {})
        for k, rows, columns in ((0, -1, -1), (1, -1, 7), (2, -1, 9), (0, 8, -1), (-2, 9, -1))
    ),
    ("MatrixDiagV3", (A[:, :1], I32(1), I32(-1), I32(2), np.float64(0.5)), {}),
    # parts put to places of more axes, or of none
    ("DynamicStitch", ([np.array([0], I32)], [A[:1]]), {}),
    ("DynamicStitch", ([np.zeros(0, I32)], [A[:0]]), {}),
    ("ScatterNd", (PLACES_OF_THREE, RNG.normal(size=(2, 3, 4)), [2, 4, 4]), {}),
    *(
        (kind, (IMAGES[:, :4, :4, 0], PLACES_OF_THREE, RNG.normal(size=(2, 3, 4))), {})
        for kind in ("TensorScatterAdd", "TensorScatterUpdate")
    ),
    *(
        (
            "SparseTensorDenseMatMul",
            (np.array([[0, 1], [2, 3], [2, 0]], np.int64), B[0, :3], np.array([3, 4], np.int64), b),
            {"adjoint_a": of_a, "adjoint_b": of_b},
        )
        for of_a, of_b, b in ((True, False, A[:3]), (False, True, A.T), (True, True, B[:, :3]))
    ),
    ("BiasAddGrad", (IMAGES,), {"data_format": "NCHW"}),
    *(
        (kind, (A[:, :1], I32(1)), {"exclusive": True, "reverse": False})
        for kind in ("Cumsum", "Cumprod")
    ),
    *(
        row
        for adjoint in (False, True)
        for row in (
            ("MatrixInverse", (SLANTED[0],), {"adjoint": adjoint}),
            ("MatrixSolve", (SLANTED, RNG.normal(size=(1, 2, 3, 2))), {"adjoint": adjoint}),
            ("MatrixInverse", (FULL,), {"adjoint": adjoint}),
            ("MatrixSolve", (FULL, A[0, :5, None]), {"adjoint": adjoint}),
        )
    ),
    ("MatrixInverse", (np.array([[2.0, 1], [2, 3]]),), {}),  # two pivots are as good
    *((f"{log}MatrixDeterminant", (a,), {}) for log in ("", "Log") for a in (SLANTED, FULL, -FULL)),
    # functions that are no elementary ones, near their zeros and poles, and far out
    ("Lgamma", (GAMMAS,), {}),
    ("Digamma", (GAMMAS[GAMMAS != 1],), {}),
    ("Ndtri", (SHARES,), {}),
    ("Erfinv", (2 * SHARES[1:-1] - 1,), {}),
    *(
        (f"Bessel{kind}", (np.concatenate([9 * A[0], [0.0, 1e-3, 45, -50]]),), {})
        for kind in ("I0", "I1", "I0e", "I1e")
    ),
    ("Atan2", (A, B), {}),
    ("Atan2", (np.array([0.0, 0, 1, -1, -2, -0.0]), np.array([1.0, -1, 0, 0, -1e-9, -3])), {}),
    # rows and steps that are turned round, parted, filled up
    ("ReverseSequence", (IMAGES, [4, 0]), {"seq_dim": 1, "batch_dim": 0}),
    ("ReverseSequence", (IMAGES, [1, 4, 3, 2]), {"seq_dim": 2, "batch_dim": 3}),
    ("DynamicPartition", (A, [2, 0, 2, 0]), {"num_partitions": 3}),
    ("DynamicPartition", (A[:2, :3], [[1, 0, 1], [1, 1, 0]]), {"num_partitions": 2}),
    ("Diag", (A,), {}),
    ("DiagPart", (FULL,), {}),
    ("DiagPart", (IMAGES[:2, :2, :2, :2],), {}),
    *(
        (
            "RaggedTensorToTensor",
            (shape, A, np.float64(0.5), [np.array(part, np.int64) for part in parts]),
            {"row_partition_types": types},
        )
        for shape, parts, types in (
            ([-1, -1, -1], [[0, 3, 3, 4]], ["ROW_SPLITS"]),
            ([2, 2, 6], [[0, 3, 4]], ["ROW_SPLITS"]),
            ([-1, -1, -1], [3, [0, 0, 2, 2]], ["FIRST_DIM_SIZE", "VALUE_ROWIDS"]),
            ([-1, 3, -1, -1], [[0, 2, 3], [0, 1, 1, 4]], ["ROW_SPLITS", "ROW_SPLITS"]),
            ([2, 0, 6], [[0, 3, 4]], ["ROW_SPLITS"]),
        )
    ),
    (
        "RaggedTensorToTensor",
        ([-1, -1, 6], A[:0], np.float64(0.5), [np.zeros(3, np.int64)]),  # of empty rows alone
        {"row_partition_types": ["ROW_SPLITS"]},
    ),
    ("EuclideanNorm", (A, [1]), {"keep_dims": True}),
    ("EuclideanNorm", (IMAGES, [0, 2]), {"keep_dims": False}),
    *((f"TensorScatter{kind}", (A, [[1], [3], [1]], B[:3]), {}) for kind in ("Max", "Min")),
    *((kind, (A, [0, 0, 2, 2]), {}) for kind in ("SegmentProd",)),
    ("SparseSegmentSqrtN", (A, [3, 0, 0, 1], [0, 1, 1, 1]), {}),
    *(
        (f"SparseSegment{kind}Grad", (A, [3, 0, 0, 1, 3], [0, 1, 1, 1, 3], I32(5)), {})
        for kind in ("Sum", "Mean", "SqrtN")
    ),
    *(
        (f"SparseSegment{kind}GradV2", (A, [3, 0, 0, 7, 3], [0, 1, 1, 1, 3], I32(9)), {})
        for kind in ("Sum", "Mean", "SqrtN")
    ),
    *(
        (f"SparseDenseCwise{kind}", (FEW, A[0, :5], FEW_SHAPE, beside), {})
        for kind in ("Add", "Mul", "Div")
        for beside in (B[:3, :4], B[:3, :1], B[0, :4])
    ),
    *(
        ("SparseReduceSum", (FEW, A[0, :5], FEW_SHAPE, axes), {"keep_dims": keep})
        for axes in ([1], [-2], [0, 1])
        for keep in (True, False)
    ),
    ("SparseTensorDenseAdd", (FEW, A[0, :5], FEW_SHAPE, B[:3, :4]), {}),
    ("SparseReorder", (FEW_DEEP[[3, 1, 4, 0, 2]], A[0, :5], np.array([2, 2, 3])), {}),
    ("SparseSoftmax", (FEW, 800 * A[0, :5], FEW_SHAPE), {}),
    ("SparseSoftmax", (FEW_DEEP, A[1, :5], np.array([2, 2, 3])), {}),
    ("SparseFillEmptyRows", (FEW, A[0, :5], np.array([5, 4]), np.float64(0.5)), {}),
    ("SparseFillEmptyRows", (FEW[::-1].copy(), A[0, :5], FEW_SHAPE, np.float64(0.5)), {}),
    ("SparseFillEmptyRowsGrad", (np.array([0, 1, 3, 4]), A[0]), {}),
    ("SparseFillEmptyRowsGrad", (np.array([4, 1, 3, 0, 2]), A[0, :5]), {}),
    # so far apart that only a shift by the largest keeps the exponentials finite
    *(("CumulativeLogsumexp", (600 * A, I32(1)), way) for way in (FORWARDS, BACKWARDS)),
]

TIES = np.round(IMAGES)
# Of images: one that is turned over and reaches beyond an edge, and one within; one that ends at
# the edges, whose places are pixels, and one that reaches beyond the last row and column.
BOXES = np.array([[0.9, -0.2, 0.15, 0.7], [0.05, 0.1, 0.8, 0.95]])
AT_THE_EDGES = np.array([[0.0, 0, 1, 1], [0.3, 0.4, 1.1, 1.15]])
BEYOND = {"extrapolation_value": 0.25}
# Of the largest of a window, with those of the samples before it counted and without.
WITHIN = RNG.integers(0, 168, (2, 4, 3, 4))
PLACES = {False: WITHIN, True: WITHIN + np.array([0, 168]).reshape(2, 1, 1, 1)}

HALVES = {"align_corners": False, "half_pixel_centers": True}
CORNERS = {"align_corners": True, "half_pixel_centers": False}
NORM = {"epsilon": 0.01, "data_format": "NHWC", "is_training": True}
AT_REST = {**NORM, "is_training": False}
SHARE = {"exponential_avg_factor": 0.3}
ROWS = tuple(np.abs(RNG.normal(size=(4, 4))) + 0.1)
FLOWS = RNG.normal(size=(2, 7, 6, 4))
# Turned and moved, far out of the image; seen askew; mostly within it.
# Of a row, places up to three lengths of the images beyond either edge.
FARAWAY = np.array(
    [[5.3, 0.2, -19.4, 0.1, 6.1, -20.6, 0, 0], [-4.9, 0.3, 17.2, -0.2, -6.3, 21.9, 0, 0]]
)
TURNED = np.array(
    [
        [1.1, 0.3, -4.3, -0.4, 0.9, 8.2, 0, 0],
        [2.1, -0.7, 1.3, 0.2, -1.9, 3.1, 0.02, -0.05],
        [0.7, 0.1, 0.3, -0.1, 1.2, 0.8, 0, 0],
    ]
)
# What TensorFlow has in float32 alone.
IN_FLOAT32 = [
    ("BatchMatMulV3", (BYTES, BYTES[::-1]), {"Tout": np.int32, "adj_x": False, "adj_y": True}),
    *(
        row
        for size, flows, boxes in (
            ([3, 4], FLOWS[:, :3, :4], BOXES),
            ([1, 5], FLOWS[:, 1:2, :5], BOXES),
            ([7, 6], FLOWS, AT_THE_EDGES),
        )
        for row in (
            *(
                ("CropAndResize", (IMAGES, boxes, [1, 0], size), {"method": way, **BEYOND})
                for way in ("bilinear", "nearest")
            ),
            *(
                (
                    "CropAndResizeGradImage",
                    (flows, boxes, [1, 0], [2, 7, 6, 4]),
                    {"method": way, "T": np.float32},
                )
                for way in ("bilinear", "nearest")
            ),
            ("CropAndResizeGradBoxes", (flows, IMAGES, boxes, [1, 0]), {}),
        )
    ),
    *(
        row
        for options in (
            {"depth_radius": 1, "bias": 0.7, "alpha": 0.3, "beta": 0.75},
            {"depth_radius": 5, "bias": 1.0, "alpha": 1.0, "beta": 0.5},
            {"depth_radius": 2, "bias": 2.0, "alpha": 0.1, "beta": 1.0},
            *({"depth_radius": 1, "bias": 1.0, "alpha": 0.2, "beta": beta} for beta in (1.5, 2.0)),
        )
        for row in (
            ("LRN", (IMAGES,), options),
            ("LRNGrad", (FLOWS, IMAGES, np.tanh(IMAGES)), options),
        )
    ),
    *(
        row
        for ends, channels in (
            ((np.float64(-1.1), np.float64(0.9)), ""),
            ((np.float64(0.2), np.float64(1.3)), ""),
            ((np.float64(0), np.float64(0)), ""),
            ((np.array([-1, -0.5, 0, -2.0]), np.array([1, 0.75, 0, -1.0])), "PerChannel"),
        )
        for options in ({"num_bits": 8}, {"num_bits": 4, "narrow_range": True})
        for row in (
            (f"FakeQuantWithMinMaxVars{channels}", (IMAGES, *ends), options),
            (f"FakeQuantWithMinMaxVars{channels}Gradient", (FLOWS, IMAGES, *ends), options),
        )
    ),
    # steps of 1, so that numbers lie just at the ends; the lower one is 0
    *(
        row
        for ends, channels in (
            ((np.float64(0), np.float64(3)), ""),
            ((np.array([0, 0, -3, 0.0]), np.array([3, 3, 0, 0.0])), "PerChannel"),
        )
        for row in (
            (f"FakeQuantWithMinMaxVars{channels}", (2 * TIES, *ends), {"num_bits": 2}),
            (
                f"FakeQuantWithMinMaxVars{channels}Gradient",
                (FLOWS, 3 * TIES, *ends),
                {"num_bits": 2},
            ),
        )
    ),
    ("FakeQuantWithMinMaxArgs", (IMAGES,), {"min": -0.7, "max": 1.1, "num_bits": 5}),
    ("FakeQuantWithMinMaxArgsGradient", (FLOWS, IMAGES), {"min": -0.7, "max": 1.1}),
    *(
        ("MaxPoolGradGrad", (images, pools.max_pool(images, **POOL), FLOWS), POOL)
        for images in (IMAGES, TIES)
    ),
    *(
        ("MaxPoolWithArgmax", (images,), {**POOL, "include_batch_in_index": with_batch})
        for images in (IMAGES, TIES)
        for with_batch in (True, False)
    ),
    *(
        (
            "MaxPoolGradWithArgmax",
            (IMAGES, FLOWS[:, :4, :3], np.array(PLACES[with_batch], np.int64)),
            {**POOL, "include_batch_in_index": with_batch},
        )
        for with_batch in (True, False)
    ),
    ("MaxPool3D", (VOLUMES,), VOLUME_POOL),
    # of a window's places one is the largest, one within 1e-5 of it, and one just that far off
    (
        "MaxPool3DGrad",
        (
            np.array([1e-5, 0, 5e-6, -1]).reshape(1, 1, 2, 2, 1),
            np.full((1, 1, 1, 1, 1), 1e-5),
            np.full((1, 1, 1, 1, 1), 3.0),
        ),
        {"ksize": [1, 1, 2, 2, 1], "strides": [1, 1, 2, 2, 1], "padding": "VALID"},
    ),
    ("AvgPool3D", (VOLUMES,), VOLUME_POOL),
    ("AvgPool3DGrad", ([2, 5, 4, 6, 3], RNG.normal(size=(2, 3, 2, 6, 3))), VOLUME_POOL),
    *(
        (
            "ComputeAccidentalHits",
            (np.array(true, np.int64), np.array(drawn, np.int64)),
            {"num_true": 2},
        )
        for true, drawn in (
            ([[3, 1], [0, 7], [5, 3]], [3, 9, 0, 3]),
            ([[3, 1], [0, 7], [5, 3]], [8, 9]),
        )
    ),
    ("InTopKV2", (A, [2, 0, 1, 5], I32(2)), {}),
    ("InTopKV2", (np.round(A), [2, 0, 1, 5], I32(3)), {}),
    *(("ResizeBilinear", (IMAGES, [1, 4]), options) for options in (HALVES, CORNERS)),
    *(("ResizeNearestNeighbor", (IMAGES, [1, 4]), options) for options in (HALVES, CORNERS)),
    *(
        (kind, (IMAGES, size), options)
        for kind in ("ResizeBilinear", "ResizeBicubic", "ResizeNearestNeighbor")
        for options in (HALVES, CORNERS)
        for size in ([9, 3], [14, 18])
    ),
    *(
        (f"{kind}Grad", (FLOWS, images), options)
        for kind in ("ResizeBilinear", "ResizeBicubic")
        for options in (HALVES, CORNERS)
        for images in (IMAGES[:, :3, :5], RNG.normal(size=(2, 9, 8, 4)))
    ),
    *(
        ("ResizeArea", (IMAGES, size), {"align_corners": corners})
        for corners in (False, True)
        for size in ([3, 4], [7, 3], [9, 13], [1, 6], [2, 2])
    ),
    ("AdjustContrastv2", (IMAGES, np.float64(1.7)), {}),
    ("AdjustContrastv2", (IMAGES[0], np.float64(0.4)), {}),
    *(("AdjustSaturation", (c, np.float64(1.3)), {}) for c in (MANY_COLORS, ORDERED)),
    ("AdjustSaturation", (ORDERED, np.float64(0.4)), {}),
    # a red whose hue rounds to the whole circle, which the kernel makes grey, beside an orange
    ("AdjustSaturation", (np.array([[[1.0, 0, 1e-9], [3, 1.5, 0.5]]]), np.float64(0.5)), {}),
    *(("AdjustHue", (ORDERED, np.float64(k)), {}) for k in (0, 0.1, -0.35, 0.9, -1, 1)),
    ("AdjustHue", (MANY_COLORS, np.float64(-0.6)), {}),
    *((kind, (IMAGES, [2, 2]), CORNERS) for kind in ("ResizeBilinear", "ResizeNearestNeighbor")),
    ("ResizeNearestNeighborGrad", (FLOWS, [3, 5]), HALVES),
    ("ResizeNearestNeighborGrad", (FLOWS, [9, 5]), CORNERS),
    *(
        (
            "ImageProjectiveTransformV3",
            (IMAGES[:, :height, :width], TURNED[:2], [5, 8], np.float64(0.5)),
            {"interpolation": "NEAREST", "fill_mode": mode},
        )
        for height, width in ((1, 2), (2, 1))
        for mode in ("CONSTANT", "REFLECT", "WRAP")
    ),
    *(
        (
            "ImageProjectiveTransformV3",
            (IMAGES, TURNED[which], [5, 8], np.float64(0.5)),
            {"interpolation": way, "fill_mode": mode},
        )
        for way in ("BILINEAR", "NEAREST")
        for mode, which in (
            ("CONSTANT", [2, 1]),
            ("REFLECT", [0]),
            ("WRAP", [0, 1]),
            ("NEAREST", [1, 0]),
        )
    ),
    ("FusedBatchNormV3", (IMAGES, *ROWS), {**NORM, **SHARE}),
    ("FusedBatchNormV3", (IMAGES, *ROWS[:2], *ROWS[2:]), {**AT_REST, **SHARE}),
    ("FusedBatchNormV3", (IMAGES[:1, :2, :1], *ROWS), {**NORM, **SHARE}),
    ("FusedBatchNormV3", (IMAGES, *ROWS[:2], np.zeros(0), np.zeros(0)), NORM),
    ("FusedBatchNormGradV3", (FLOWS, IMAGES, ROWS[0], *ROWS[1:3], np.zeros(0)), NORM),
    ("FusedBatchNormGradV3", (FLOWS, IMAGES, ROWS[0], *ROWS[1:3], np.zeros(0)), AT_REST),
    (
        "StatelessRandomNormalV2",
        ([3, 5], np.array([7], np.uint64), np.array([3, 1], np.uint64), I32(1)),
        {},
    ),
    (
        "StatelessRandomNormalV2",
        ([5], np.array([7], np.uint64), np.array([3, 1], np.uint64), I32(1)),
        {},
    ),
]

# What only changed code is tried on: complex numbers, whose kernels have a test of their own
# (``test_complex_operations``), and where a ball is unbounded or holds both sides of a jump.
ALONE = [
    *(("CTCLoss", words, way) for words in (SPELLED, EDGES_OF_WORDS) for way in OF_REPEATED),
    *(
        ("StatelessRandomUniformV2", (SHAPE_OF_WORDS, KEY, COUNTER, I32(1)), {"dtype": each})
        for each in ("float64", "float16", "bfloat16")
    ),
    ("Complex", (A, B), {}),
    *((kind, (A + 1j * B,), {}) for kind in ("Real", "Imag", "Conj", "FFT", "IFFT")),
    *((kind, (A + 1j * B,), {}) for kind in ("FFT2D", "IFFT2D", "ComplexAbs", "Angle")),
    *((kind, (VOLUMES + 1j * VOLUMES[::-1],), {}) for kind in ("FFT3D", "IFFT3D")),
    *(("RFFT2D", (A, np.array(shape, I32)), {}) for shape in ([4, 6], [3, 5])),
    *(("IRFFT2D", (A + 1j * B, np.array(shape, I32)), {}) for shape in ([4, 10], [3, 9])),
    ("ConjugateTranspose", (A + 1j * B, [1, 0]), {}),
    *(("RFFT", (A, np.array([n], I32)), {}) for n in (6, 5)),
    *(("IRFFT", (A[:, :4] + 1j * B[:, :4], np.array([n], I32)), {}) for n in (6, 7)),
    ("Lgamma", (np.array([0.0, -1, 3]),), {}),
    ("Digamma", (np.array([0.0, 3]),), {}),
    ("Ndtri", (np.array([0.0, 1, 0.25]),), {}),
    *(
        (
            "ImageProjectiveTransformV3",
            (IMAGES, FARAWAY, [9, 10], np.float64(0.5)),
            {"interpolation": way, "fill_mode": mode},
        )
        for way in ("BILINEAR", "NEAREST")
        for mode in ("CONSTANT", "REFLECT", "WRAP", "NEAREST")
    ),
    *(  # whole places: on the edges, and on the mirrored ones
        (
            "ImageProjectiveTransformV3",
            (
                IMAGES[..., :1],
                np.array([[1.0, 0, -20, 0, 1, -15, 0, 0]]),
                [36, 40],
                np.float64(0.5),
            ),
            {"interpolation": way, "fill_mode": mode},
        )
        for way in ("BILINEAR", "NEAREST")
        for mode in ("CONSTANT", "REFLECT", "WRAP")
    ),
]


def maker_of(kind):
    """Return what puts an operation of a kind into a graph, None where TensorFlow has no such.

    What only gradients under XLA and Keras call is not among ``tf.raw_ops``.
    """
    import tensorflow as tf
    from tensorflow.compiler.tf2xla.ops import gen_xla_ops

    return getattr(tf.raw_ops, kind, None) or getattr(gen_xla_ops, kind, None)


def run(kind, operands, options, dtype):
    """Return the Execution of one operation by TensorFlow's kernel, from a graph of its own."""
    import tensorflow as tf

    def tensor(value):
        is_int64 = isinstance(value, np.ndarray) and value.dtype == np.int64 and kind in WIDE
        value = np.asarray(value)
        integer = np.int32 if value.dtype.kind == "i" and not is_int64 else value.dtype
        wide = {"f": dtype, "c": f"complex{2 * int(dtype[5:])}"}
        return tf.constant(value.astype(wide.get(value.dtype.kind, integer)))

    given = [
        [tensor(part) for part in operand] if _many(operand) else tensor(operand)
        for operand in operands
    ]
    flat = tf.nest.flatten(given)
    make = maker_of(kind)
    names = [n for n in inspect.signature(make).parameters if n != "name"]

    def call(*flat):
        packed = tf.nest.pack_sequence_as(given, flat)
        return make(**dict(zip(names, packed)), **options)

    graph = tf.function(call, autograph=False).get_concrete_function(*flat).graph
    operation = next(op for op in graph.get_operations() if op.type == kind)
    results = execute(operation, flat)
    arrays = tf.nest.map_structure(lambda t: t.numpy(), given)
    return Execution(operation, operation, arrays, [r.numpy() for r in results])


def _many(operand):
    return isinstance(operand, list) and isinstance(operand[0], np.ndarray)


# ------------------------------------------------------------------- their mathematics

ROWS_TRIED = (*CASES, *IN_FLOAT32, *ALONE)
NAMES = tuple(f"{kind}-{number}" for number, (kind, *_) in enumerate(ROWS_TRIED))


def dtype_of(name):
    """Return the finer of the formats that TensorFlow has the operation in."""
    return "float64" if NAMES.index(name) < len(CASES) else "float32"


@cache
def executed(name):
    """Return the rule of a case, its Execution, and the attributes of the rule."""
    kind, operands, options = ROWS_TRIED[NAMES.index(name)]
    execution = run(kind, operands, options, dtype_of(name))
    return RULES[kind], execution, RULES[kind].attributes(attributes(execution.operation))


def module_of(name):
    """Return the name of the module of ``refimpl`` that has the rule's function."""
    rule, *_ = executed(name)
    return rule.answer.__module__


def values(name):
    """Return what the rule's function gives for the case's floats, a tuple of arrays.

    The function is the one that its module has now: it may be planted.
    """
    rule, execution, given = executed(name)
    return _several(_answer(rule)(*execution.operands, **given))


def _answer(rule):
    return getattr(import_module(rule.answer.__module__), rule.answer.__name__)


@cache
def formats(name):
    """Return the formats of the results of the honest function."""
    return [np.asarray(value).dtype for value in values(name)]


@cache
def balls(name):
    """Return the honest balls of these numbers, or what is exact as it is."""
    rule, *_ = executed(name)
    return values(name) if rule.exact else enclosed(name)


def enclosed(name):
    """Return the balls that the rule gives for the case's floats; complex ones are pairs."""
    rule, execution, given = executed(name)
    rule = replace(rule, answer=_answer(rule))
    model = Model(dtype_of(name), (*KERNELS, "numpy"))
    operands = execution.operands
    complex_ones = [pairs.is_complex(operand) for operand in operands]
    if any(complex_ones) or any(map(pairs.is_complex, execution.results)):
        several = any(map(pairs.is_complex, execution.results))
        named = attributes(execution.operation)
        rule, given = pairs.rule_for(rule.kind, complex_ones, several, named), {}
        operands = [pairs.as_pairs(operand) for operand in operands]
    return _several(over_balls(rule, operands, given, model))


def outside(name):
    """Return where the rule's function gives other numbers than honest ones; "" for nowhere.

    What its balls call may be changed as well, or what they can be made of, as which sum comes
    first: they must still be around the middles of the honest ones, and these around theirs.
    """
    found, honest = values(name), balls(name)
    if shown := _first_outside(found, honest):
        return shown
    given = [np.asarray(value).dtype for value in found]
    if given != formats(name):
        return f"the formats {given}"
    rule, *_ = executed(name)
    if rule.exact:
        return ""
    again = enclosed(name)
    shown = _first_outside(_middles(again), honest) or _first_outside(_middles(honest), again)
    return shown and f"its balls' {shown}"


def _first_outside(found, honest):
    if len(found) != len(honest):
        return f"{len(found)} results"
    for number, (value, ball) in enumerate(zip(found, honest)):
        value = np.asarray(value)
        if isinstance(ball, RoundingArray):
            value = pairs.as_pairs(value)
        if value.shape != np.shape(ball) or not _holds(value, ball):
            return f"result {number}"
    return ""


def _middles(balls):
    return [np.asarray(ball.mid if isinstance(ball, RoundingArray) else ball) for ball in balls]


def _holds(value, ball):
    if not isinstance(ball, RoundingArray):
        return np.array_equal(value, ball, equal_nan=value.dtype.kind == "f")
    bounded = np.isfinite(np.broadcast_to(ball.rad, value.shape))
    return bool((usage(value, ball) <= 1)[bounded].all())


def _several(found):
    return tuple(found) if isinstance(found, (tuple, list)) else (found,)
