"""What is taken for near lies in the balls, as far as it may be away; and more does not pass."""

from types import SimpleNamespace

import numpy as np
import pytest

from equivalence.arithmetic.rounding import Model
from equivalence.graph import kinds  # noqa: F401  (fills the table of rules)
from equivalence.graph.certificate import KERNELS, over_balls
from equivalence.graph.certify import key_of
from equivalence.graph.near import NEAR
from equivalence.graph.replay import Execution
from equivalence.graph.rules import RULES
from equivalence.judge.certificate import usage
from equivalence.judge.resolution import smallest_errors

RNG = np.random.default_rng(7)
NORMAL = RNG.normal(size=(40, 24)).astype(np.float32)
SHARES = RNG.uniform(0.01, 3, size=(40, 24)).astype(np.float32)
# What a causal mask leaves: a row with one number, others with more.
MASKED = np.where(np.tri(24, dtype=bool), RNG.normal(size=(24, 24)), -1e9).astype(np.float32)
EQUAL = np.ones((5, 24), np.float32)
A, B = (RNG.normal(size=(6, 17, 17)).astype(np.float32) for _ in range(2))
SOME = np.maximum(A, 0)
HEADS, OTHERS = (RNG.normal(size=(3, 7, 2, 7)).astype(np.float32) for _ in range(2))
SOME_HEADS = np.tri(7, dtype=np.float32) * RNG.normal(size=(3, 2, 7, 7)).astype(np.float32)
# Sums of so many terms that some of them may do for a bound; in one none of these are.
WIDE, TALL = (RNG.normal(size=shape).astype(np.float32) for shape in ((9, 640), (640, 11)))
LATE = np.where(np.arange(640) < 600, np.float32(0), WIDE)
IMAGES = RNG.normal(size=(3, 5, 5, 96)).astype(np.float32)
FILTER = RNG.normal(size=(3, 3, 96, 8)).astype(np.float32)
FLOWS = RNG.normal(size=(3, 3, 3, 8)).astype(np.float32)
STRIDED = {"strides": [1, 2, 2, 1], "dilations": [1, 1, 1, 1], "padding": "SAME"}
DILATED = {"strides": [1, 1, 1, 1], "dilations": [1, 2, 1, 1], "padding": "VALID"}
BACK = np.array(IMAGES.shape)
CASES = [
    *((kind, (SHARES,), {}) for kind in ("Log", "Log1p", "Exp")),
    *((kind, (NORMAL,), {}) for kind in ("Exp", "Erfc", "Expm1", "Tanh", "Sigmoid", "Softmax")),
    ("Softmax", (MASKED,), {}),
    ("Softmax", (EQUAL,), {}),
    ("MatMul", (A[0], B[0]), {"transpose_a": False, "transpose_b": False}),
    ("MatMul", (A[0], B[0]), {"transpose_a": True, "transpose_b": False}),
    ("MatMul", (SOME[0], B[0]), {"transpose_a": False, "transpose_b": True}),
    ("BatchMatMulV2", (A, B), {"adj_x": False, "adj_y": True}),
    ("BatchMatMulV2", (A, SOME), {"adj_x": True, "adj_y": False}),
    ("BatchMatMulV2", (A, B[0]), {"adj_x": False, "adj_y": False}),
    ("Einsum", ([HEADS, OTHERS],), {"equation": "btnh,bsnh->bnts"}),
    ("Einsum", ([SOME_HEADS, OTHERS],), {"equation": "bnts,bsnh->btnh"}),
    ("Einsum", ([A, B[0, :, :16].reshape(17, 4, 4)],), {"equation": "abc,cde->abde"}),
    ("MatMul", (WIDE, TALL), {"transpose_a": False, "transpose_b": False}),
    ("MatMul", (LATE, TALL), {"transpose_a": False, "transpose_b": False}),
    ("Conv2D", (IMAGES, FILTER), STRIDED),
    ("Conv2D", (np.maximum(IMAGES, 0), FILTER), DILATED),
    ("Conv2D", (IMAGES, FILTER[:1, :1]), STRIDED),
    ("Conv2DBackpropInput", (BACK, FILTER, FLOWS), STRIDED),
    ("Conv2DBackpropInput", (BACK, FILTER, np.maximum(FLOWS[:, :2], 0)), DILATED),
    ("Conv2DBackpropFilter", (IMAGES, np.array(FILTER.shape), FLOWS), STRIDED),
    ("Conv2DBackpropFilter", (np.maximum(IMAGES, 0), np.array(FILTER.shape), FLOWS), STRIDED),
]


def _known(kind, operands, options):
    """Return a result's ball, and a function that says of values whether they are near."""
    rule, model = RULES[kind], Model("float32", KERNELS)
    ball = over_balls(rule, operands, options, model)
    plain = Model("float32", KERNELS)
    return ball, lambda value: NEAR[kind].is_near(operands, value, options, plain)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_what_is_near_lies_in_the_balls_as_far_as_it_may_be_away(case):
    ball, near = _known(*case)
    away = np.where(RNG.integers(0, 2, ball.shape), 1, -1) * ball.rad * (ball.mid != 0)
    assert near(ball.mid)
    shares = np.linspace(0, 2, 81)
    passed = [share for share in shares if near(ball.mid + share * away)]
    assert not near(ball.mid + 2 * away)
    # Only as near as this is every number; and there is something that it spares.
    assert 0.02 <= passed[-1] <= 1
    assert np.max(usage(ball.mid + passed[-1] * away, ball)) <= 1


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_one_number_that_is_farther_than_its_radius_is_not_near(case):
    ball, near = _known(*case)
    index = tuple(n // 2 for n in ball.shape)
    value = ball.mid.copy()
    value[index] += 1.01 * ball.rad[index] if np.ndim(ball.rad) else 1.01 * ball.rad
    assert not near(value)


LOGITS = (4 * RNG.normal(size=(30, 20))).astype(np.float32)


@pytest.mark.parametrize("logits", [LOGITS, np.ones_like(LOGITS), 3 * LOGITS])
def test_losses_and_slopes_that_are_near_lie_in_the_balls_and_farther_ones_are_not_near(logits):
    kind, model = "SparseSoftmaxCrossEntropyWithLogits", Model("float32", KERNELS)
    labels = RNG.integers(0, 20, 30)
    balls = over_balls(RULES[kind], (logits, labels), {}, model)
    near = lambda values: NEAR[kind].is_near(
        (logits, labels), values, {}, Model("float32", KERNELS)
    )
    mids = [ball.mid for ball in balls]
    assert near(mids)
    for number, ball in enumerate(balls):
        away = np.where(RNG.integers(0, 2, ball.shape), 1, -1) * ball.rad
        moved = lambda by, number=number: [
            mid + by if k == number else mid for k, mid in enumerate(mids)
        ]
        passed = [share for share in np.linspace(0, 2, 81) if near(moved(share * away))]
        assert not near(moved(2 * away + 1e-9))
        assert np.max(usage(moved(passed[-1] * away)[number], ball)) <= 1
        index = tuple(n // 2 for n in ball.shape)
        alone = np.zeros(ball.shape)
        alone[index] = 1.01 * ball.rad[index] + 1e-12
        assert not near(moved(alone))


@pytest.mark.parametrize(
    "case", [c for c in CASES if hasattr(NEAR[c[0]], "measure")], ids=lambda case: case[0]
)
def test_how_sharp_sums_are_is_what_their_balls_say(case):
    """Measured of all numbers here, since there are few: as ``smallest_errors`` has it."""
    kind, operands, options = case
    ball, _ = _known(*case)
    value = (ball.mid + 0.25 * ball.rad).astype(np.float32)
    largest = float(np.max(np.abs(value)))
    model = Model("float32", KERNELS)
    share, sharp_to = NEAR[kind].measure(operands, value, options, model, largest)
    assert share == pytest.approx(np.max(usage(value, ball)), rel=1e-4)
    assert sharp_to == pytest.approx(np.median(smallest_errors(value[None], ball[None])), rel=1e-4)


def test_whole_numbers_and_what_overflows_are_held_by_their_balls():
    whole = np.floor(4 * A)
    options = {"transpose_a": False, "transpose_b": False}
    assert not _known("MatMul", (whole[0], whole[1]), options)[1](whole[0] @ whole[1])
    large = np.float32(1e30) * A
    with np.errstate(all="ignore"):
        assert not _known("MatMul", (large[0], large[1]), options)[1](large[0] @ large[1])


def test_single_numbers_that_were_held_are_known_by_all_that_they_were():
    """One Finding stands for operations of one kind, of the same numbers, with the same result."""
    one, two = np.float32(1), np.float32(2)
    executions = [
        Execution(SimpleNamespace(type=kind), None, operands, [result])
        for kind, operands, result in (
            ("Mul", [one, two], two),
            ("Mul", [two, one], two),
            ("RealDiv", [one, two], two),
            ("Mul", [one, two], np.float32(2.0000002)),
            ("Mul", [np.float64(1), np.float64(2)], np.float64(2)),
        )
    ]
    keys = {key_of(execution) for execution in executions}
    assert len(keys) == len(executions) and None not in keys
    assert key_of(Execution(SimpleNamespace(type="Mul"), None, [one, NORMAL], [NORMAL])) is None
    assert key_of(Execution(SimpleNamespace(type="Sum"), None, [one, two], [two])) is None
