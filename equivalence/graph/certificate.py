"""The certificate of one operation: its results against what its operands leave possible.

The operands are the numbers that the operation really had, exact points; so a radius is what
one operation may round, at any depth of a network.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from equivalence.arithmetic import one_rounding, precisions
from equivalence.arithmetic.precisions import HALVES
from equivalence.arithmetic.rounding import Model, RoundingArray
from equivalence.graph import halves, infinities, pairs
from equivalence.graph.blocks import SIZE, Block, blocks_of, each_of, side_by_side
from equivalence.graph.candidates import CANDIDATES, shares_of
from equivalence.graph.direct import DIRECT
from equivalence.graph.drawn import DRAWN, is_drawn
from equivalence.graph.near import FEW, NEAR
from equivalence.graph.replay import WRITES
from equivalence.graph.rules import RULES
from equivalence.graph.to_the_bit import (
    OF_IEEE,
    ROUNDS_ONCE,
    SAMPLE,
    is_numpys,
    is_numpys_in_blocks,
    is_same,
    operands_of,
    sample,
    size_of,
)
from equivalence.judge.certificate import usage
from equivalence.judge.resolution import NEGLIGIBLE, smallest_errors

FLOATS = precisions.FORMATS
# Whose functions the kernels call that eager execution does.
KERNELS = ("eigen",)


# Kinds that tell what a list of tensors was declared to hold, which is no number of the step.
OF_LISTS_ALONE = ("TensorListElementShape",)
# What a rule raises that has no answer for these operands.
NOT_ANSWERED = (TypeError, ValueError, NotImplementedError, LookupError, AttributeError)
# Where the largest number is so many times the smallest normal one, no subnormal one counts.
COUNTED = 1 / NEGLIGIBLE
# The bits of a float32 that TF32 keeps, and half of the last of them.
LEFT, HALF = 0xFFFFE000, 0x1000
# Kinds whose operands tensor cores may round (L4'').
PRODUCTS = (
    "MatMul",
    "BatchMatMul",
    "BatchMatMulV2",
    "BatchMatMulV3",
    "Einsum",
    "Conv2D",
    "Conv2DBackpropInput",
    "Conv2DBackpropFilter",
    "Conv3D",
    "Conv3DBackpropInputV2",
    "Conv3DBackpropFilterV2",
)


@dataclass(frozen=True)
class Place:
    """A number outside of its enclosure.

    result: which of the operation's results; index: the element.
    fits: "TF32" where operands that were rounded to TF32 explain all that lies outside.
    reference: what NumPy's float arithmetic gives; true: the midpoint, in a wider format.
    """

    result: int
    index: tuple
    reference: float
    tensorflow: float
    true: float
    usage: float
    fits: str = ""


@dataclass
class Finding:
    """What is known of one execution of an operation.

    numbers: how many floats it returned; checked: of how many there was a rule.
    usage: the largest share of a radius; sharp_to: the smallest relative error that would
        have been found, as the median of the least sharp result, None without numbers that count.
    outside: the worst Place, or None.
    undecided: how many results have an unbounded enclosure, or left the range of the floats.
    decided: how many have to be infinite, or no number, and are (L20).
    without: why there is no certificate, "" where there is one.
    drawn: how many numbers a generator drew, of which range and shape alone are held.
    """

    numbers: int = 0
    checked: int = 0
    drawn: int = 0
    usage: float = 0.0
    sharp_to: float | None = None
    outside: Place | None = None
    undecided: int = 0
    decided: int = 0
    notes: list = field(default_factory=list)
    without: str = ""


def is_number(array):
    return isinstance(array, np.ndarray | np.generic)


def is_float(array):
    return isinstance(array, np.ndarray | np.generic) and array.dtype.kind in "fcV"


def left_as_found(kind, attributes):
    """Return which results are whatever was in memory before: number -> operand in its place.

    In inference nothing needs what a batch normalization has for its gradient, and Eigen's
    kernel does not write it (``tensorflow-unwritten-moments``).  Nothing reads what stands in the
    results of a branch for what the other one hands on; no operand is in its place.
    """
    if kind == "FakeParam":
        return {0: None}
    return {3: 3, 4: 4} if kind == "FusedBatchNormV3" and not attributes["is_training"] else {}


def certify_operation(execution, attributes, model=None, rule=None):
    """Return the Finding of one Execution.

    attributes: a function that gives the operation's attributes by name.
    model: the rounding model, of which operands that are balls are; else that of kernels alone.
    rule: of the kernel that was at work, None for the one of eager execution.
    """
    left = left_as_found(execution.operation.type, attributes(execution.operation))
    results = [r for n, r in enumerate(execution.results) if is_number(r) and n not in left]
    finding = Finding(numbers=sum(r.size for r in results if is_float(r)))
    if not results or execution.operation.type in OF_LISTS_ALONE:
        return finding  # lists of tensors, which are held where something is taken out of them
    if left:
        given = [execution.operands[left[n]] if n in left else r
                 for n, r in enumerate(execution.results)]  # fmt: skip
        execution = replace(execution, results=given)
    if execution.operation.type in DRAWN:
        _hold_drawn(finding, execution)
        return finding
    if execution.operation.type in CANDIDATES:
        _hold_candidates(finding, execution, attributes(execution.operation))
        return finding
    if any(pairs.is_complex(array) for array in _flat([*execution.operands, *results])):
        _hold_pairs(finding, execution, attributes, model)
        return finding
    rule = rule or RULES.get(execution.operation.type)
    if rule is None:
        finding.without = "no rule"
        return finding
    given_balls = any(isinstance(o, RoundingArray) for o in _flat(execution.operands))
    if model is None and not given_balls and _is_quick(finding, rule, execution, attributes):
        finding.checked = finding.numbers
        return finding
    names = {r.dtype.name for r in results if is_float(r)}
    if unknown := names - set(FLOATS):
        finding.without = f"no rounding model of {', '.join(sorted(unknown))}"
        return finding
    try:
        with np.errstate(all="ignore"):
            all_of_them = attributes(execution.operation)
            given = rule.attributes(all_of_them)
            exact = rule.exact and not _may_be_flushed(execution.operands)
            in_half = model is None and not rule.exact and names & set(HALVES)
            whole = [Block(execution.operands, execution.results)]
            sharpness = Sharpness(execution.results)
            model = model or Model(next(iter(sorted(names)), FLOATS[0]), KERNELS)

            def hold(numbered):
                number, block = numbered
                if number and not in_half and is_numpys(rule, block.operands, block.results, given):
                    return Finding(), block
                part = replace(execution, operands=block.operands, results=block.results)
                found = Finding()
                with np.errstate(all="ignore"):  # which each thread has for itself
                    if exact:
                        _hold_exact(found, rule, part, given)
                    elif given_balls:
                        _hold_balls(found, rule, part, given, model, sharpness)
                    elif in_half:
                        _hold_halves(found, rule, part, given, all_of_them, sharpness)
                    else:
                        of_block = replace(model, notes=[])
                        _hold_balls(found, rule, part, given, of_block, sharpness)
                return found, block

            blocks = whole if given_balls else blocks_of(rule, execution, given)
            for found, block in side_by_side(hold, enumerate(blocks)):
                _join(finding, found, block)
            finding.sharp_to = sharpness.median(finding.sharp_to)
            if finding.outside and execution.operation.type in PRODUCTS:
                _fit_tf32(finding, rule, execution, given, model)
    except NOT_ANSWERED as error:
        return Finding(finding.numbers, without=_said(error))
    finding.checked = finding.numbers
    return finding


def _said(error):
    """Return in one line why a rule has no answer."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


def _hold_pairs(finding, execution, attributes, model):
    """Hold an operation of complex numbers as one of pairs of real ones."""
    kind = execution.operation.type
    given = [_has_pairs(operand) for operand in execution.operands]
    several = any(pairs.is_complex(result) for result in execution.results)
    results = [pairs.as_pairs(result) for result in execution.results]
    names = {r.dtype.name for r in results if is_number(r) and is_float(r)}
    rule = pairs.rule_for(kind, given, several, attributes(execution.operation))
    if rule is None or not names <= set(FLOATS):
        finding.without = "no rule of complex numbers"
        return
    operands = each_of(execution.operands, pairs.as_pairs)
    part = replace(execution, operands=operands, results=results)
    sharpness = Sharpness(results)
    model = model or Model(next(iter(sorted(names)), FLOATS[0]), KERNELS)
    try:
        with np.errstate(all="ignore"):
            _hold_balls(finding, rule, part, {}, model, sharpness)
    except NOT_ANSWERED as error:
        finding.without = _said(error)
        return
    finding.sharp_to = sharpness.median(finding.sharp_to)
    finding.checked = finding.numbers


def _has_pairs(operand):
    """Say whether an operand is complex, as are the sums in a list that are balls of pairs."""
    is_ball = lambda each: isinstance(operand, list) and isinstance(each, RoundingArray)
    return any(pairs.is_complex(each) or is_ball(each) for each in _flat([operand]))


def _is_quick(finding, rule, execution, attributes):
    """Say whether all results are what NumPy gives to the bit (``to_the_bit``), and are held so."""
    results = execution.results
    if not all(map(is_number, results)):
        return False
    if rule.exact:
        return not rule.enclosure and _is_exact(finding, rule, execution, attributes)
    if any(result.dtype != np.float32 or result.size == 0 for result in results):
        return False
    try:
        with np.errstate(all="ignore"):
            given = rule.attributes(attributes(execution.operation))
            if rule.kind in OF_IEEE and len(results) == 1:
                return _is_numpys(finding, rule, execution, given)
            if rule.kind in NEAR and _most(execution) > FEW:
                return _is_near(finding, rule, execution, given)
    except NOT_ANSWERED:
        pass
    return False


def _most(execution):
    """Return how many numbers the largest array of an operation has."""
    return max(map(np.size, _flat([*execution.operands, *execution.results])))


def _is_numpys(finding, rule, execution, given):
    """Say whether a result is NumPy's to the bit, and hold a sample of it by its balls."""
    (value,), operands = execution.results, execution.operands
    largest = size_of(value)
    if not np.isfinite(largest):
        return False
    if not is_numpys_in_blocks(rule, operands, execution.results, given):
        return False
    operands, some = sample(operands, value)
    operation = ROUNDS_ONCE.get(rule.kind)
    pair = operands_of(rule.kind, operands) if operation else None
    least = NEGLIGIBLE * largest
    found = one_rounding.hold(operation, pair, some, least) if pair else None
    if found is None:
        return _hold_sample(finding, rule, execution, given, (operands, some), [largest])
    finding.usage, finding.sharp_to = found
    return True


def _is_near(finding, rule, execution, given):
    """Say whether all numbers are near the true ones (``near``), and hold a sample by its balls."""
    results, near, model = execution.results, NEAR[rule.kind], Model("float32", KERNELS)
    largest = [size_of(value) for value in results]
    value = results[0] if len(results) == 1 else results
    if not np.isfinite(largest).all():
        return False
    if not near.is_near(execution.operands, value, given, model):
        return False
    if hasattr(near, "measure"):
        measured = near.measure(execution.operands, value, given, model, *largest)
        finding.usage, finding.sharp_to = measured
        return True
    some = near.sample(execution.operands, value, given)
    return _hold_sample(finding, rule, execution, given, some, largest)


def _hold_sample(finding, rule, execution, given, some, largest):
    """Hold a part of an operation that is inside by its balls; say whether nothing is odd.

    some: its operands, and its result or results; largest: the magnitude of each as a whole.
    """
    operands, results = some
    results = results if isinstance(results, list) else [results]
    sharpness, model = Sharpness(results, largest), Model("float32", KERNELS)
    part, held = replace(execution, operands=operands, results=results), Finding()
    _hold_balls(held, rule, part, given, model, sharpness)
    if held.outside or held.undecided or held.notes:
        return False
    finding.usage, finding.sharp_to = held.usage, sharpness.median(None)
    return True


def _is_exact(finding, rule, execution, attributes):
    """Say whether numbers that are moved or chosen are the ones that they have to be.

    Also of a comparison that may take a subnormal number for 0 (L12') this is one way.
    """
    given = rule.attributes(attributes(execution.operation))
    try:
        with np.errstate(all="ignore"):
            answers = _answers(rule.answer(*execution.operands, **given), len(execution.results))
    except NOT_ANSWERED:
        return False
    for value, answer in zip(execution.results, answers):
        if not is_same(value, np.asarray(answer)):
            return False
        if not is_float(value):
            continue
        if value.dtype.kind != "f":
            return False
        largest = size_of(value)
        # Of what a variable becomes infinite it is told; subnormals may be flushed (L12').
        writes = execution.operation.type in WRITES
        if 0 < largest < COUNTED * np.finfo(value.dtype).tiny or (writes and np.isinf(largest)):
            return False
        if largest:
            finding.sharp_to = 0.0
    return True


def _join(finding, found, block):
    """Add to an operation's Finding that of a block of it."""
    finding.usage = max(finding.usage, found.usage)
    finding.undecided += found.undecided
    finding.decided += found.decided
    finding.notes += [note for note in found.notes if note not in finding.notes]
    if found.sharp_to is not None:
        finding.sharp_to = max(finding.sharp_to or 0.0, found.sharp_to)
    place = found.outside
    if place and not (finding.outside and finding.outside.usage >= place.usage):
        finding.outside = replace(place, index=block.place(place.result, place.index))


class Sharpness:
    """The smallest errors that would have been found, gathered from an operation's blocks.

    Of a result of more than SAMPLE numbers, of about as many, evenly spread.
    """

    def __init__(self, results, largest=()):
        self.results = results
        self.largest = dict(enumerate(largest))
        self.errors: dict[int, list] = {}
        self.open: set[int] = set()

    def add(self, number, value, ball, unbounded):
        """Add a block of a result; unbounded: whether some of its balls are."""
        if unbounded:
            self.open.add(number)
        whole = self.results[number]
        if number not in self.largest:
            size = np.max(whole, initial=0), -np.min(whole, initial=0)
            self.largest[number] = float(max(size))
        # An odd stride meets all channels.
        every = slice(None, None, max(whole.size // SAMPLE, 1) | 1)
        parts = (value, ball.mid, ball.rad)
        if any(part.shape != value.shape for part in parts):
            parts = np.broadcast_arrays(*parts)
        values, mid, rad = (part.reshape(-1)[every] for part in parts)
        ball = RoundingArray(mid, rad, ball.model)
        found = smallest_errors(values[None], ball[None], self.largest[number])
        self.errors.setdefault(number, []).append(found)

    def median(self, least):
        """Return the median of the least sharp result, and least where that is less sharp."""
        for number, errors in self.errors.items():
            found = np.concatenate(errors)
            if found.size and number not in self.open:
                least = max(least or 0.0, one_rounding.median(found))
        return least


def _flat(operands):
    for each in operands:
        yield from each if isinstance(each, list) else [each]


def _may_be_flushed(operands):
    """Say whether some float is subnormal, so that a comparison may take it for 0 (L12').

    Or is a ball, of which the same is to be decided.
    """
    for array in _flat(operands):
        if isinstance(array, RoundingArray):
            return True
        if is_float(array) and array.dtype.name in FLOATS and array.size:
            row = precisions.precision_of(array.dtype)
            if row.flushed and _has_subnormal(np.ravel(array), row.dtype.type(row.tiny)):
                return True
    return False


def _has_subnormal(line, tiny):
    for start in range(0, line.size, SIZE):
        size = np.abs(line[start : start + SIZE])
        small = size < tiny
        if small.any() and size[small].any():
            return True
    return False


def _answers(answer, count):
    if isinstance(answer, tuple) or (isinstance(answer, list) and count > 1):
        answers = list(answer)
    else:
        answers = [answer]
    if len(answers) != count:
        raise ValueError(f"the rule gives {len(answers)} results for {count}")
    return answers


def _is_list(value):
    """Say whether a result is a list of tensors, which is held where something is taken out."""
    return value is None or isinstance(value, list)


def _hold_exact(finding, rule, execution, attributes):
    answers = _answers(rule.answer(*execution.operands, **attributes), len(execution.results))
    for number, (value, answer) in enumerate(zip(execution.results, answers)):
        if _is_list(value):
            continue
        answer = np.asarray(answer)
        _same_shape(value, answer)
        if not is_float(value):
            _hold_whole(finding, number, value, answer)
            continue
        # What is infinite was so before (L20); of what a variable becomes it is told.
        writes = execution.operation.type in WRITES
        strange = np.isnan(value) | np.isnan(answer) | (np.isinf(value) & writes)
        wrong = (value != answer) & ~strange
        finding.undecided += int(strange.sum())
        if strange.any():
            finding.notes.append("a number that is infinite or NaN")
        if wrong.any():
            _outside(finding, number, value, answer, answer, np.where(wrong, np.inf, 0))
        if value.size and value.any():
            finding.sharp_to = max(finding.sharp_to or 0.0, 0.0)


def _hold_drawn(finding, execution):
    """Hold what a generator drew in its range and shape; it is taken as recorded."""
    (value,) = execution.results
    inside = np.broadcast_to(
        is_drawn(execution.operation.type, execution.operands, value), value.shape
    )
    finding.drawn, finding.checked = value.size, finding.numbers
    if not inside.all():
        nothing = np.full(value.shape, np.nan)
        _outside(finding, 0, value, nothing, nothing, np.where(inside, 0, np.inf))


def _hold_candidates(finding, execution, given):
    """Hold the classes that a sampler drew in their range, and what is expected by its formula."""
    results, model = execution.results, Model("float32", KERNELS)
    try:
        found = shares_of(execution.operation.type, execution.operands, results, given, model)
    except NOT_ANSWERED as error:
        finding.without = _said(error)
        return
    finding.drawn, finding.checked = results[0].size, finding.numbers
    for number, (value, share) in enumerate(zip(results, found)):
        finding.usage = max(finding.usage, float(np.max(share, initial=0)))
        if np.max(share, initial=0) > 1:
            nothing = np.full(value.shape, np.nan)
            _outside(finding, number, value, nothing, nothing, share)


def _hold_whole(finding, number, value, answer):
    """Hold whole numbers or booleans: there is one answer only."""
    wrong = value != answer
    if np.any(wrong):
        _outside(finding, number, value, answer, answer, np.where(wrong, np.inf, 0))


def _hold_balls(finding, rule, execution, attributes, model, sharpness=None):
    given = over_balls(rule, execution.operands, attributes, model)
    answers = _answers(given, len(execution.results))
    finding.notes += model.notes
    for number, (value, ball) in enumerate(zip(execution.results, answers)):
        if _is_list(value):
            continue
        if not isinstance(ball, RoundingArray):
            _hold_whole(finding, number, value, _decided(ball, value))
            continue
        _same_shape(value, ball)
        _hold_ball(finding, number, value, ball, rule, execution, attributes, sharpness)


def _hold_halves(finding, rule, execution, given, attributes, sharpness):
    """Hold results in half precision against what the kind's kernels may do (``halves``)."""
    kind = execution.operation.type
    for number, value in enumerate(execution.results):
        precision = precisions.precision_of(value.dtype)
        way = halves.way_of(kind, precision.name, attributes)
        model = Model(precision.name if way == halves.EACH else precision.wider, KERNELS)
        low, high = _half_ends(rule, execution, given, model, number, way)
        finding.notes += model.notes
        is_number = np.isfinite(value.astype(np.float64))
        if kind in halves.SUMS and (is_number & ~np.isfinite(high - low)).any():
            # A sum that is a number has no partial sum that overflowed (L18').
            model = replace(model, finite_sums=True, notes=[])
            within = _half_ends(rule, execution, given, model, number, way)
            low, high = np.where(is_number, within[0], low), np.where(is_number, within[1], high)
        infinite = np.isinf(low) & (low == high)
        if infinite.any():
            # Every number of the ball overflows, so that infinity is the only answer (L19).
            wrong = infinite & (value.astype(np.float64) != low)
            finding.notes.append("overflow")
            finding.undecided += int(infinite.sum())
            if wrong.any():
                _outside(finding, number, value, low, low, np.where(wrong, np.inf, 0))
            value = np.where(infinite, value.dtype.type(0), value)
            low, high = np.where(infinite, 0, low), np.where(infinite, 0, high)
        ball = halves.between(low, high, Model(precision.name, KERNELS))
        _hold_ball(finding, number, value, ball, rule, execution, given, sharpness)


def _half_ends(rule, execution, given, model, number, way):
    """Return the lowest and the highest that one result in half precision may be."""
    value = execution.results[number]
    answers = over_balls(rule, execution.operands, given, model)
    ball = _answers(answers, len(execution.results))[number]
    _same_shape(value, ball)
    return halves.ends(ball, precisions.precision_of(value.dtype), way)


def _fit_tf32(finding, rule, execution, attributes, model):
    """Say so where the products of operands of 10 bits of fraction are what was found."""
    if model.dtype != "float32" or any(isinstance(o, RoundingArray) for o in execution.operands):
        return
    for more in HALF, 0:  # to nearest, or cut off
        cut = lambda a, more=more: _upper_bits(a, more) if is_float(a) else a
        operands = each_of(execution.operands, cut)
        rounded = replace(execution, operands=operands)
        again = Finding()
        _hold_balls(again, rule, rounded, attributes, replace(model, notes=[]))
        if not again.outside and not again.undecided:
            finding.outside = replace(finding.outside, fits="TF32")
            return


def _upper_bits(array, more):
    """Return float32 numbers with 10 bits of fraction."""
    bits = np.ascontiguousarray(array).view(np.uint32) + np.uint32(more)
    return (bits & np.uint32(LEFT)).view(np.float32).reshape(np.shape(array))


def over_balls(rule, operands, attributes, model):
    """Return what a rule gives, of operands of which floats are made exact balls."""
    if rule.kind in DIRECT and model.dtype == "float32":
        found = DIRECT[rule.kind](operands, attributes, model)
        if found is not None:
            return found

    def lift(a):
        if isinstance(a, RoundingArray):
            return a if a.model is model else RoundingArray(a.mid, a.rad, model)
        return model.array(a) if is_float(a) else a

    return rule.over_balls(each_of(operands, lift), attributes, model)


def _decided(answer, value):
    """Return an answer in whole numbers or booleans; what rounding decides is as it was."""
    if hasattr(answer, "known"):
        return np.where(answer.known, answer.yes, value)
    return np.asarray(answer)


def _hold_ball(finding, number, value, ball, rule, execution, attributes, sharpness):
    if not np.min(ball.rad, initial=0) >= 0:
        raise ValueError("a radius below 0, which no sound rule makes")
    share = usage(value, ball)
    open_ball = np.isinf(np.broadcast_to(ball.rad, share.shape))
    if unbounded := open_ball.any():
        # What is infinite or NaN beside an unbounded ball decides nothing (L12''), unless it
        # has to be infinite (L20).
        open_ball = open_ball | ~np.isfinite(value)
        decided = infinities.decide(rule, execution.operands, attributes, value)
        if decided is not None:
            which, answer = decided
            open_ball = open_ball & ~which
            finding.decided += int(np.sum(which & ~np.isfinite(answer)))
            same = (value == answer) | (np.isnan(value) & np.isnan(answer))
            share = np.where(which, np.where(same, 0, np.inf), share)
        finding.undecided += int(open_ball.sum())
        share = np.where(open_ball, 0, share)
    largest = float(np.max(np.where(np.isnan(share), np.inf, share), initial=0))
    finding.usage = max(finding.usage, largest)
    if largest > 1:
        reference = _as_float(rule, execution, attributes, number)
        _outside(finding, number, value, reference, np.asarray(ball.mid, float), share)
    if sharpness:
        sharpness.add(number, value, ball, unbounded)


def _as_float(rule, execution, attributes, number):
    """Return what NumPy's own arithmetic gives, for a sentence; NaN where it has no rule."""
    try:
        return np.asarray(
            _answers(rule.answer(*execution.operands, **attributes), len(execution.results))[number]
        )
    except (TypeError, ValueError):
        return np.full_like(execution.results[number], np.nan)


def _outside(finding, number, value, reference, true, share):
    rank = np.where(np.isnan(share), np.inf, share)
    index = np.unravel_index(int(np.argmax(rank)), rank.shape)
    worst = float(rank[index])
    if finding.outside and finding.outside.usage >= worst:
        return
    at = lambda array: float(np.broadcast_to(array, value.shape)[index])
    place = tuple(int(i) for i in index)
    finding.outside = Place(number, place, at(reference), at(value), at(true), worst)
    finding.usage = max(finding.usage, worst)


def _same_shape(value, answer):
    if tuple(np.shape(value)) != tuple(answer.shape):
        raise ValueError(f"the rule gives the shape {answer.shape}, TensorFlow {np.shape(value)}")
