"""The rules of a graph's operations: TensorFlow's kernels lie inside, small errors do not."""

from dataclasses import replace

import numpy as np
import pytest

from equivalence.arithmetic.precisions import precision_of
from equivalence.arithmetic.rounding import Model
from equivalence.graph import blocks, certificate
from equivalence.graph.certificate import certify_operation, is_float, left_as_found
from equivalence.graph.lost import find_lost
from equivalence.graph.replay import Execution, attributes
from equivalence.graph.rules import RULES
from equivalence.graph.to_the_bit import OF_IEEE, is_numpys
from equivalence.plants.cases.operations import (
    CASES,
    EDGES_OF_WORDS,
    IMAGES,
    IN_FLOAT32,
    OF_REPEATED,
    POOL,
    POSITIVE,
    RNG,
    SPELLED,
    A,
    B,
    maker_of,
    run,
)
from refimpl.ops import conv2d

pytestmark = pytest.mark.tensorflow


RUNS = [
    *((case, dtype) for case in CASES for dtype in ("float32", "float64")),
    *((case, "float32") for case in IN_FLOAT32),
]


@pytest.mark.parametrize(
    ("case", "dtype"), RUNS, ids=[f"{c[0]}-{n}-{dtype}" for n, (c, dtype) in enumerate(RUNS)]
)
def test_a_kernel_lies_inside_and_an_error_above_the_resolution_does_not(case, dtype):
    kind, operands, options = case
    execution = run(kind, operands, options, dtype)
    found = certify_operation(execution, attributes)
    assert not found.without, found.without
    assert not found.outside and not found.undecided, found
    left = left_as_found(kind, attributes(execution.operation))
    for number, result in enumerate(execution.results):
        if not is_float(result) or not result.any() or number in left:
            continue
        wrong = np.array(result, np.float64)
        index = np.unravel_index(np.argmax(np.abs(wrong)), wrong.shape)
        error = max(1e-5 if dtype == "float32" else 1e-12, 3 * (found.sharp_to or 0))
        wrong[index] *= 1 + error
        results = [*execution.results]
        results[number] = wrong.astype(dtype)
        again = certify_operation(
            Execution(execution.operation, execution.place, execution.operands, results), attributes
        )
        assert again.outside and again.outside.index == tuple(map(int, index)), (kind, again)


@pytest.mark.parametrize("words", [SPELLED, EDGES_OF_WORDS], ids=["words", "edges"])
@pytest.mark.parametrize("options", OF_REPEATED, ids=lambda options: " ".join(options) or "both")
def test_the_loss_of_spelled_words_lies_inside_and_another_way_to_repeat_does_not(options, words):
    """So many logarithms of sums follow each other that only larger errors are found."""
    execution = run("CTCLoss", words, options, "float32")
    found = certify_operation(execution, attributes)
    assert found.checked == found.numbers and not found.outside and not found.undecided, found
    assert found.sharp_to < 1e-5
    for number, result in enumerate(execution.results):
        wrong = result.copy()
        index = np.unravel_index(np.argmax(np.abs(wrong)), wrong.shape)
        wrong[index] *= 1.0001
        results = [wrong if k == number else r for k, r in enumerate(execution.results)]
        again = Execution(execution.operation, execution.place, execution.operands, results)
        assert certify_operation(again, attributes).outside.index == tuple(map(int, index))


def test_the_loss_of_spelled_words_has_no_rule_in_float64_whose_kernel_calls_float32_s_functions():
    found = certify_operation(run("CTCLoss", SPELLED, {}, "float64"), attributes)
    assert "functions of float32" in found.without


@pytest.mark.parametrize("case", [case for case in CASES if case[0] in OF_IEEE], ids=lambda c: c[0])
def test_what_numpy_gives_of_float32_is_float32_where_it_stands_for_a_kernel(case):
    """An answer in float64, as other kinds' own formulas have it, is taken for no kernel's."""
    kind, operands, options = case
    execution, rule = run(kind, operands, options, "float32"), RULES[kind]
    given = rule.attributes(attributes(execution.operation))
    assert np.asarray(rule.answer(*execution.operands, **given)).dtype == np.float32
    wide = [a.astype(np.float64) if is_float(a) else a for a in execution.operands]
    if all(is_float(a) for a in execution.operands):
        assert not is_numpys(rule, wide, execution.results, given)


@pytest.mark.parametrize("kind", ["StatelessRandomUniformV2", "StatelessRandomNormalV2"])
@pytest.mark.parametrize("dtype", ["float64", "float16", "bfloat16"])
def test_numbers_of_a_key_are_held_in_every_format(kind, dtype):
    words = ([3, 5], np.array([7], np.uint64), np.array([3, 1], np.uint64), np.int32(1))
    execution = run(kind, words, {"dtype": dtype}, "float32")
    found = certify_operation(execution, attributes)
    assert found.checked == 15 and not found.without and not found.outside, found
    (drawn,) = execution.results
    wrong = drawn.copy()
    wrong[1, 2] = float(wrong[1, 2]) * (1 + 16 * precision_of(dtype).unit)
    moved = Execution(execution.operation, execution.place, execution.operands, [wrong])
    assert certify_operation(moved, attributes).outside.index == (1, 2)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("kind", "given", "due"),
    [
        ("Log", [-2.0, 3.0], np.nan),
        ("Log1p", [-1.5, 3.0], np.nan),
        ("Sqrt", [-2.0, 3.0], np.nan),
        ("Rsqrt", [-2.0, 3.0], np.nan),
        ("Rsqrt", [0.0, 3.0], np.inf),
        ("Reciprocal", [0.0, 3.0], np.inf),
    ],
)
def test_what_a_function_has_no_number_for_is_decided(kind, given, due, dtype):
    """IEEE 754 and C say what it is: no overflow, and no other number (L20)."""
    execution = run(kind, (np.array(given),), {}, dtype)
    found = certify_operation(execution, attributes)
    assert np.array_equal(execution.results[0][:1], [due], equal_nan=True)
    assert not found.outside and not found.undecided and found.decided == 1
    wrong = [np.array([1.0, execution.results[0][1]], dtype)]
    moved = Execution(execution.operation, execution.place, execution.operands, wrong)
    assert certify_operation(moved, attributes).outside.index == (0,)


@pytest.mark.parametrize("kind", ["Log", "Sqrt"])
def test_of_a_number_that_may_be_flushed_to_0_it_is_not_decided(kind):
    execution = run(kind, (np.array([-1e-40, 3.0]),), {}, "float32")
    assert certify_operation(execution, attributes).undecided == 1


def test_the_largest_under_a_window_passes_its_gradient_on():
    pooled = run("MaxPool", (IMAGES,), POOL, "float32").results[0]
    flow = RNG.normal(size=pooled.shape)
    execution = run("MaxPoolGrad", (IMAGES, pooled, flow), POOL, "float32")
    found = certify_operation(execution, attributes)
    assert not found.without and not found.outside
    execution.results[0][0, 0, 0, 0] += 1e-3
    assert certify_operation(execution, attributes).outside.index == (0, 0, 0, 0)


def test_equal_places_of_a_volume_each_get_the_whole_gradient():
    equal = np.ones((1, 2, 2, 2, 1))
    options = {"ksize": [1, 2, 2, 2, 1], "strides": [1, 2, 2, 2, 1], "padding": "VALID"}
    flow = np.full((1, 1, 1, 1, 1), 3.0)
    execution = run("MaxPool3DGrad", (equal, flow / 3, flow), options, "float32")
    found = certify_operation(execution, attributes)
    assert not found.without and not found.outside
    assert np.all(execution.results[0] == 3)


@pytest.mark.parametrize(("apart", "both"), [(2.6e-6, True), (9.9e-6, True), (1.01e-5, False)])
def test_places_of_a_volume_within_1e_5_of_the_largest_get_the_whole_gradient(apart, both):
    """Whatever the size of the numbers is: of small ones every place has it."""
    options = {"ksize": [1, 2, 1, 1, 1], "strides": [1, 2, 1, 1, 1], "padding": "VALID"}
    for largest in (apart, 0.5):
        places = np.array([largest - apart, largest]).reshape(1, 2, 1, 1, 1)
        top, flow = places[:, 1:], np.full((1, 1, 1, 1, 1), 3.0)
        execution = run("MaxPool3DGrad", (places, top, flow), options, "float32")
        found = certify_operation(execution, attributes)
        assert not found.without and not found.outside
        assert execution.results[0].ravel().tolist() == [3.0 * both, 3.0]
        assert bool(find_lost(execution)[0]) == both
        execution.results[0][0, 0] += 3
        assert certify_operation(execution, attributes).outside.index == (0, 0, 0, 0, 0)


def test_a_cast_of_booleans_and_whole_numbers_that_nobody_fetched_is_a_ball():
    model = Model("float32", ("eigen",))
    cast = lambda x: certificate.over_balls(RULES["Cast"], [x], {"DstT": np.float32}, model)
    assert cast(np.array([True, False])).mid.tolist() == [1, 0]
    known = model.array(np.float32([1.0, -1.0])) > 0
    assert cast(known).mid.tolist() == [1, 0] and not cast(known).rad.any()
    wide = np.array([3, 2**24 + 1], np.int64)
    ball = cast(wide)
    assert ball.rad[0] == 0 and abs(ball.mid[1] - np.float32(wide[1])) <= ball.rad[1]
    with pytest.raises(NotImplementedError, match="float64"):
        cast(np.array([2**60 + 1]))


def test_every_kind_of_the_table_is_one_that_tensorflow_has():
    assert [kind for kind in RULES if maker_of(kind) is None] == []


def test_a_system_whose_pivots_rounding_decides_is_not_decided_where_it_is_large():
    """And one that has no inverse raises in TensorFlow; nothing of a sign is said either."""
    large = RNG.normal(size=(16, 16)).astype(np.float32)
    large[:, 0] = 1.0  # each row may be the first pivot
    for kind in ("MatrixInverse", "LogMatrixDeterminant"):
        execution = run(kind, (large,), {}, "float32")
        found = certify_operation(execution, attributes)
        assert not found.without and not found.outside
        assert found.undecided == sum(result.size for result in execution.results)
        assert found.notes == ["a matrix that rounding may make singular"]
    small = run("MatrixInverse", (large[:4, :4],), {}, "float32")
    assert not certify_operation(small, attributes).undecided


LARGE = RNG.normal(size=(9, 32, 32, 12))
ROW = RNG.normal(size=(1, 1, 1, 12))
TAPS, TAPPED = RNG.normal(size=(3, 3, 12, 1)), {"strides": [1, 1, 1, 1], "padding": "SAME"}
SEEN = RNG.normal(size=(3, 3, 12, 12))
IN_BLOCKS = [
    ("Mul", (LARGE, LARGE[::-1]), {}),
    ("Mul", (LARGE, ROW), {}),
    ("RealDiv", (LARGE, np.float64(7)), {}),
    ("SquaredDifference", (LARGE, ROW), {}),
    ("AddN", ([LARGE, LARGE[::-1], 3 * LARGE],), {}),
    ("Exp", (LARGE,), {}),
    ("Relu6", (LARGE,), {}),
    ("Rsqrt", (LARGE * LARGE + 1,), {}),
    ("RsqrtGrad", (LARGE * LARGE + 1, LARGE), {}),
    ("Sum", (LARGE, np.int32([0, 1, 2])), {"keep_dims": True}),
    ("Sum", (LARGE, np.int32([3])), {"keep_dims": False}),
    ("Mean", (LARGE, np.int32([0, 1])), {"keep_dims": False}),
    ("BiasAdd", (LARGE, ROW[0, 0, 0]), {}),
    ("BiasAddGrad", (LARGE,), {}),
    ("Softmax", (LARGE.reshape(-1, 48),), {}),
    ("MatMul", (LARGE.reshape(-1, 48), RNG.normal(size=(48, 8))), {}),
    ("MatMul", (LARGE.reshape(48, -1), RNG.normal(size=(48, 8))), {"transpose_a": True}),
    ("Conv2D", (LARGE, RNG.normal(size=(3, 3, 12, 4))), TAPPED),
    ("Conv2DBackpropInput", (np.int32(LARGE.shape), SEEN, LARGE), TAPPED),
    ("Conv2DBackpropFilter", (LARGE, np.int32(SEEN.shape), LARGE), TAPPED),
    ("DepthwiseConv2dNative", (LARGE, TAPS), TAPPED),
    ("DepthwiseConv2dNativeBackpropInput", (np.int32(LARGE.shape), TAPS, LARGE), TAPPED),
    ("DepthwiseConv2dNativeBackpropFilter", (LARGE, np.int32(TAPS.shape), LARGE), TAPPED),
]


@pytest.mark.parametrize("case", IN_BLOCKS, ids=lambda case: case[0])
def test_in_blocks_is_as_at_once_and_an_error_in_the_last_is_found_in_its_place(case, monkeypatch):
    kind, operands, options = case
    execution = run(kind, operands, options, "float32")
    found = certify_operation(execution, attributes)
    assert not found.without and not found.outside and not found.undecided, found
    monkeypatch.setattr(blocks, "SIZE", 1 << 40)
    monkeypatch.setattr(certificate, "DIRECT", {})
    monkeypatch.setattr(certificate, "_is_quick", lambda *given: False)
    at_once = certify_operation(execution, attributes)
    monkeypatch.undo()
    assert found.checked == at_once.checked and not at_once.outside
    # Of numbers drawn alike, and of some of them, the median is nearly the same.
    assert found.sharp_to == pytest.approx(at_once.sharp_to, rel=0.2)
    (result,) = execution.results
    wrong = result.astype(np.float64).copy()
    place = (-1,) * result.ndim
    wrong[place] += max(1e-2, 40 * (found.sharp_to or 0)) * np.abs(wrong).max() + 1e-4
    wrong = Execution(
        execution.operation, execution.place, execution.operands, [wrong.astype(np.float32)]
    )
    index = certify_operation(wrong, attributes).outside.index
    assert index == tuple(n - 1 for n in result.shape)


WINDOWS = [
    {"strides": [1, *strides, 1], "dilations": [1, *dilations, 1], "padding": padding}
    for strides, dilations in (
        ((1, 1), (1, 1)),
        ((2, 2), (1, 1)),
        ((2, 1), (1, 1)),
        ((1, 1), (2, 1)),
    )
    for padding in ("SAME", "VALID")
]


@pytest.mark.parametrize("options", WINDOWS, ids=str)
@pytest.mark.parametrize("size", [(3, 3), (2, 5), (1, 1)])
@pytest.mark.parametrize("change", [np.array, lambda a: np.maximum(a, 0)], ids=["all", "some"])
def test_a_convolution_tap_by_tap_has_the_radii_of_the_formula(options, size, change):
    """In exact zeros, of factors that do not meet, it has what products may lose by underflow."""
    options = {**options, "explicit_paddings": []}
    x = change(RNG.normal(size=(2, 7, 6, 4))).astype(np.float32)
    filter = RNG.normal(size=(*size, 4, 5)).astype(np.float32)
    model = Model("float32", ("eigen",))
    flow = change(RNG.normal(size=conv2d.conv2d(x, filter, **options).shape)).astype(np.float32)
    operands = {
        "Conv2D": (x, filter),
        "Conv2DBackpropInput": (np.array(x.shape), filter, flow),
        "Conv2DBackpropFilter": (x, np.array(filter.shape), flow),
    }
    for kind, given in operands.items():
        found = certificate.DIRECT[kind](given, options, model)
        balls = [model.array(o) if is_float(o) else o for o in given]
        formula = RULES[kind].answer(*balls, **options)
        sizes = [np.abs(o).astype(np.float64) if is_float(o) else o for o in given]
        meeting = RULES[kind].answer(*sizes, **options)
        n = max(np.prod(size) * max(filter.shape[2:]), np.prod(x.shape[:3]))  # terms of a sum
        # Each midpoint is a sum of n products in float64, in an order of its own: gamma_n twice.
        assert np.all(np.abs(found.mid - formula.mid) <= 2 * n * 2.0**-52 * meeting)
        # A radius is such a sum of magnitudes in float32, enlarged by gamma_(n+4) (L4): twice both;
        # and 2 n of the least number where no two factors meet.
        close = 4 * (n + 4) * 2.0**-24 * formula.rad + 2 * n * 2.0**-126
        assert np.all(np.abs(found.rad - formula.rad) <= close)


SCALES = np.exp2(RNG.uniform(-99, 99, size=64)).astype(np.float32)
ROOTS = {
    "Rsqrt": (SCALES,),
    "RsqrtGrad": (
        np.exp2(RNG.uniform(-30, 30, size=64)).astype(np.float32),
        np.where(np.arange(64) % 7, RNG.normal(size=64), 0).astype(np.float32),
    ),
}


@pytest.mark.parametrize("kind", ROOTS)
def test_a_root_s_ball_is_its_formula_s_and_the_next_number_outside_is_found(kind):
    model, operands = Model("float32", certificate.KERNELS), ROOTS[kind]
    found = certificate.DIRECT[kind](operands, {}, model)
    formula = RULES[kind].over_balls([model.array(o) for o in operands], {}, model)
    assert np.all(np.abs(found.mid - formula.mid) <= 2.0**-49 * np.abs(formula.mid))
    assert np.all(np.abs(found.rad - formula.rad) <= 2.0**-20 * formula.rad)
    execution = run(kind, operands, {}, "float32")
    assert not certify_operation(execution, attributes).outside
    end = found.mid[1] + found.rad[1]
    beyond = np.float32(end) if np.float32(end) > end else np.nextafter(np.float32(end), np.inf)
    wrong = execution.results[0].copy()
    wrong[1] = beyond
    wrong = Execution(execution.operation, execution.place, execution.operands, [wrong])
    assert certify_operation(wrong, attributes).outside.index == (1,)


@pytest.mark.parametrize("odd", [0, 1e-40, -1, np.inf, np.nan])
def test_a_root_of_what_is_flushed_infinite_or_none_is_left_to_the_formula(odd):
    model, x = Model("float32", certificate.KERNELS), np.float32([1.5, odd])
    assert certificate.DIRECT["Rsqrt"]((x,), {}, model) is None
    if odd not in (-1, 0):
        assert certificate.DIRECT["RsqrtGrad"]((x, x), {}, model) is None
    tiny, whole = np.float32([2.0**-60]), np.float32([2])
    for y, dy in ((tiny, tiny), (whole, whole), (1 / tiny, x[:1])):
        assert certificate.DIRECT["RsqrtGrad"]((y, dy), {}, model) is None


INFINITE = np.where(POSITIVE > 0.7, np.inf, -np.inf)
SOME = np.where(A > 0, A, -np.inf)
HAVE_TO_BE = [
    *((kind, (A, INFINITE), {}) for kind in ("AddV2", "Sub", "Mul", "RealDiv")),
    ("RealDiv", (INFINITE, A), {}),
    ("RealDiv", (np.where(B > 0, A, 0), np.where(A > 0, B, 0)), {}),  # by 0, and 0 by 0
    *((kind, (INFINITE,), {}) for kind in ("Exp", "Expm1", "Tanh", "Sigmoid", "Neg", "Square")),
    *((kind, (SOME,), {}) for kind in ("Exp", "Softplus", "Reciprocal", "Abs", "Relu")),
    *((kind, (np.where(A > 0, A, 0),), {}) for kind in ("Log", "Log1p")),
    ("Log1p", (np.where(A > 0, A, -1),), {}),
    ("Sum", (SOME, [1]), {"keep_dims": True}),
    *((kind, (SOME, [1]), {"keep_dims": False}) for kind in ("Max", "Mean")),
    ("AddN", ([A, INFINITE, A * 2],), {}),
    ("BiasAdd", (SOME, A[0]), {}),
    ("SelectV2", (A > 0, A, INFINITE), {}),
    ("Reshape", (SOME, [2, -1]), {}),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", HAVE_TO_BE, ids=lambda case: case[0])
def test_what_has_to_be_infinite_is_decided_and_another_number_there_is_found(case, dtype):
    kind, operands, options = case
    execution = run(kind, operands, options, dtype)
    found = certify_operation(execution, attributes)
    assert not found.without and not found.outside and not found.undecided, found
    (result,) = execution.results
    strange = np.isinf(np.broadcast_to(operands[-1], result.shape)) if kind == "RealDiv" else None
    strange = ~np.isfinite(result) if strange is None or not strange.any() else strange
    for other in (1.5, -np.inf, np.inf):
        places = np.argwhere(strange & (result != other)) if strange.any() else []
        if not len(places):
            continue
        wrong = result.copy()
        wrong[tuple(places[0])] = other
        again = Execution(execution.operation, execution.place, execution.operands, [wrong])
        found = certify_operation(again, attributes)
        assert found.outside and found.outside.index == tuple(places[0]), (other, found)


def test_no_number_at_all_and_what_overflows_are_not_decided():
    nothing = run("Sub", (INFINITE, INFINITE), {}, "float32")
    assert certify_operation(nothing, attributes).undecided == INFINITE.size
    large = run("Exp", (100 * POSITIVE + 80,), {}, "float32")
    assert certify_operation(large, attributes).undecided
    sum_of_large = run("Sum", (np.full((2, 4), 3e38), [1]), {"keep_dims": True}, "float32")
    assert certify_operation(sum_of_large, attributes).undecided == 2


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [(kind, "float32") for kind in ("MaxPool", "MaxPool3D")]
    + [("MaxPool", dtype) for dtype in ("float16", "float64")],
)
def test_a_window_of_infinities_has_the_lowest_float(kind, dtype):
    """Kernels begin with it, and not with -inf (``tensorflow-max-pool-of-no-number``)."""
    edges = 2 if kind == "MaxPool" else 3
    x = np.full((1, *[2] * edges, 1), -np.inf)
    options = {"ksize": [1, *[2] * edges, 1], "strides": [1, *[2] * edges, 1], "padding": "VALID"}
    execution = run(kind, (x,), options, dtype)
    assert execution.results[0].item() == np.finfo(dtype).min
    assert not certify_operation(execution, attributes).outside
    results = [np.full_like(execution.results[0], -np.inf)]
    assert certify_operation(replace(execution, results=results), attributes).outside
