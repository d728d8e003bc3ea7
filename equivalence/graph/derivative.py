"""The gradient's proof: are a step's gradients the derivatives of its forward pass?

Operations that are all honest may still be the wrong ones.  So the forward pass of the traced
step is run over numbers that move (``arithmetic.tangent``), along a direction of all variables at
once: the loss then changes as fast as the gradients say, or they are not its derivative.  The
gradients are those of the traced graph, but computed in float64, so that nothing hides below
float32's rounding.  A difference of the two that is orthogonal to a direction drawn at random is
not seen, which is a set of measure 0.
"""

from dataclasses import dataclass, field
from functools import cache, cached_property
from zlib import crc32

import numpy as np

from equivalence.arithmetic.precisions import FORMATS, HALVES, USUAL, precision_of
from equivalence.arithmetic.tangent import Tangent, kinks, turning
from equivalence.graph import depthwise, pairs
from equivalence.graph.drawn import DRAWN, draw
from equivalence.graph.lists import OF_LISTS
from equivalence.graph.lost import given_to_several
from equivalence.graph.replay import (
    READS,
    WRITES,
    Interpreter,
    attributes,
    by_argument,
    execute,
    operations_behind,
)
from equivalence.graph.rules import RULES, Rule
from refimpl.ops import pools
from refimpl.ops.choices import top_k
from refimpl.ops.factorizations import cholesky

# How many of a graph's constants meet in a formula.  Each is off by u of itself, in float32 2^-24,
# so that a formula may be 4 u from its derivative; what is farther is another one.
MEETING = 4
# A gradient that is smaller than this part of the largest is taken for as large: it may be 0 but
# for float64's rounding.
LEAST = 2.0**-26
# How far aside a point is that is taken for one at a kink, and one that only rounds otherwise.
ASIDE, NEXT = 2.0**-8, 2.0**-50
# The rounding of a float32 constant.  Numbers of so few digits are meant as they are.
CONSTANT, SHORT = 2.0**-24, 2**12
LAST_BIT = 2.0**-52
# A difference that is not so many times what rounding otherwise makes of it, in so many tries, is
# rounding; and so is one that changes by so much of itself aside.
STEADY, TRIES, CHANGE = 16, 3, 0.5
# What a gradient of length 1 gives along itself.
UNIT = 1.0
NO_NUMBERS = "they, or how fast the loss changes, are infinite or no numbers"
SHARED = (
    "MaxPool3DGrad gives all of a gradient to each of several places (tensorflow-max-pool-3d-ties)"
)
# As mathematics has it: the first of equal places has all that flows back.
FIRST = {"MaxPool3DGrad": Rule("MaxPool3DGrad", pools.max_pool_grad)}
# Operations that hold others up, tell a list's shape, which our lists need not be told, or stand
# for what the branch that is not taken hands on, which nothing reads.
OF_NO_NUMBERS = ("NoOp", "TensorListElementShape", "FakeParam")
# Of a table of texts, a list, a text.
WITHOUT_NUMBERS = ("resource", "variant", "string")
# Through what no gradient goes.
STILL = ("StopGradient", "PreventGradient")
# Kinds without a gradient that count where numbers are at a kink.
COMPARISONS = ("Less", "LessEqual", "Greater", "GreaterEqual", "Equal", "NotEqual")

# What is found of one gradient; WIDE is one that differs by what rounding makes.
RIGHT, WRONG, WIDE = "right", "wrong", "wide"


@dataclass
class Gradient:
    """What is known of a step's gradients.

    variables: of how many; apart: the relative difference along the direction of all of them.
    wrong: the names of those whose gradient is not the derivative, in the order of the forward
        pass; layer: of the last of these, behind which all are right.
    without: why nothing is known of some, or of all.
    scaled: the names of variables that a loss scale, which is to be taken back, has changed.
    meant: the layers whose ``tf.custom_gradient`` is not the derivative of its forward pass, or the
        kind that TensorFlow goes straight through and its layer, where all else is right;
        differs: the relative difference that it makes.
    has_scale: whether the step multiplies its loss by a scale that is to be taken back.
    """

    variables: int = 0
    apart: float = 0.0
    wrong: list = field(default_factory=list)
    layer: str = ""
    without: str = ""
    scaled: list = field(default_factory=list)
    meant: list = field(default_factory=list)
    differs: float = 0.0
    has_scale: bool = False

    @property
    def proved(self) -> bool:
        return not (self.wrong or self.without or self.scaled or self.meant)


def _top_k(input, k):
    """Which are the largest, their values say; these move."""
    values = input.value if isinstance(input, Tangent) else input
    _, places = top_k(values, k)
    return np.take_along_axis(input, places, -1), places


def _symmetric(input):
    """Of a matrix that is symmetric, however it moves: kernels read one half of it."""
    return cholesky((input + input.mT) / 2)


def _parts_of(array):
    """Return an array's values and slopes; None for slopes where it does not move."""
    return (array.value, array.slope) if isinstance(array, Tangent) else (array, None)


def _inverse(input, *, adjoint):
    """Of X A = 1: X' = -X A' X."""
    a, slope = _parts_of(input.mT if adjoint else input)
    found = np.linalg.inv(a)
    return found if slope is None else Tangent(found, -found @ slope @ found)


def _solved(matrix, rhs, *, adjoint):
    """Of A x = b: A x' = b' - A' x."""
    a, of_a = _parts_of(matrix.mT if adjoint else matrix)
    b, of_b = _parts_of(rhs)
    x = np.linalg.solve(a, b)
    if of_a is None and of_b is None:
        return x
    moved = (0 if of_b is None else of_b) - (0 if of_a is None else of_a @ x)
    return Tangent(x, np.linalg.solve(a, moved))


def _log_determinant(input):
    """Jacobi: a determinant grows by the trace of the inverse times A', times itself."""
    a, slope = _parts_of(input)
    sign, log = np.linalg.slogdet(a)
    if slope is None:
        return sign, log
    return sign, Tangent(log, np.trace(np.linalg.solve(a, slope), axis1=-2, axis2=-1))


def _determinant(input):
    sign, log = _log_determinant(input)
    return sign * np.exp(log)


def _softsign(features):
    """x / (1 + |x|) has the slope (1 + |x|)^-2: by the quotient's, its two terms cancel far out."""
    x, slope = _parts_of(features)
    below = 1 + np.abs(x)
    return x / below if slope is None else Tangent(x / below, slope / below / below)


# Kinds whose rule puts numbers in an order, can be had with fewer numbers moved, or cancels.
OF_TANGENTS = {
    "TopKV2": _top_k,
    "Atan2": turning,
    "Softsign": _softsign,
    "MatrixInverse": _inverse,
    "MatrixSolve": _solved,
    "MatrixDeterminant": _determinant,
    "LogMatrixDeterminant": _log_determinant,
    "Cholesky": _symmetric,
    "NextAfter": lambda x1, x2: x1,
    "DepthwiseConv2dNative": depthwise.moving,
    "DepthwiseConv2dNativeBackpropInput": depthwise.moving_back,
    "DepthwiseConv2dNativeBackpropFilter": depthwise.moving_filter,
}


class NoRule(LookupError):
    """An operation of the forward or backward pass has no rule."""


class Mathematics(Interpreter):
    """Runs a trace by the rules over float64, or over Tangents; variables are its own.

    state: name of a placeholder -> its variable's value.
    directions: how variables move, by the same names.
    rounding: a seed, by which float32 constants, and what operations round in float64, are
        rounded otherwise; None leaves them.
    leaves: name of an operation -> how each of its outputs moves, whatever its inputs do.
    instead: kind -> the Rule that is taken instead of TensorFlow's.
    """

    def __init__(self, trace, state, directions=None, rounding=None, leaves=None, instead=None):
        super().__init__(trace)
        self.leaves, self.instead = leaves or {}, instead or {}
        self.rounding = rounding
        self.directions = directions or {}
        self.draws: dict[str, int] = {}
        self.state = {name: self.assigned(name, value) for name, value in state.items()}

    def assigned(self, name, value):
        """Return what a variable is that was given a value: no gradient goes through that."""
        value = value.value if isinstance(value, Tangent) else value
        return Tangent(value, self.directions[name]) if name in self.directions else value

    def variable(self, name):
        return _Handle(name)

    def number(self, tensor):
        if tensor.dtype.name in WITHOUT_NUMBERS:
            return tensor  # a table of texts, or another thing without numbers
        array = pairs.as_pairs(tensor.numpy())
        return array.astype(np.float64) if _is_float(array) else array

    def truth(self, value):
        return bool(value)

    def whole(self, value):
        return int(value)

    def run_operation(self, operation, inputs, place):
        found = super().run_operation(operation, inputs, place)
        if operation.name in self.leaves and operation.graph is self.trace.graph:
            found = [_moving(*each) for each in zip(found, self.leaves[operation.name])]
        if not self.rounding:
            return found
        if operation.type == "Const":
            return [self._rounded(operation.name, x) if _is_float(x) else x for x in found]
        rule = RULES.get(operation.type)
        if rule is None or rule.exact:
            return found
        return [self._otherwise(operation.name, place, x) for place, x in enumerate(found)]

    def _otherwise(self, name, place, found):
        """Return what was rounded, rounded otherwise: a random part of its last bit aside."""
        value = found.value if isinstance(found, Tangent) else found
        if not _is_float(value):
            return found
        rng = np.random.default_rng([self.rounding, place, crc32(name.encode())])
        value = value * (1 + LAST_BIT * rng.uniform(-1, 1, np.shape(value)))
        return Tangent(value, found.slope) if isinstance(found, Tangent) else value

    def _drawn(self, operation, inputs):
        """Return what a generator may have drawn: in every run the same."""
        times = self.draws[operation.name] = self.draws.get(operation.name, -1) + 1
        operands = [each.value if isinstance(each, Tangent) else each for each in inputs]
        dtype = operation.outputs[0].dtype.as_numpy_dtype
        dtype = np.float64 if operation.outputs[0].dtype.is_floating else dtype
        return draw(operation.type, operands, f"{operation.name} {times}", dtype)

    def _rounded(self, name, value):
        """Return a constant as it may have been meant."""
        rng = np.random.default_rng([self.rounding, crc32(name.encode())])
        moved = value * (1 + CONSTANT * rng.uniform(-1, 1, value.shape))
        return np.where(_is_short(value), value, moved)

    def compute(self, operation, inputs, place):
        kind = operation.type
        if kind in OF_NO_NUMBERS:
            return [np.int32([-1]) for _ in operation.outputs]
        if not operation.outputs and kind not in WRITES:
            return []  # what asserts, prints or writes a summary
        if kind in DRAWN:
            return [self._drawn(operation, inputs)]
        if any(tensor.dtype.is_complex for tensor in (*operation.inputs, *operation.outputs)):
            return self._of_pairs(operation, inputs)
        rule = self.instead.get(kind) or RULES.get(kind)
        if rule is None:
            return self._by_kernel(operation, inputs, place)
        operands = list(inputs)
        if kind in READS or kind in WRITES:
            operands[0] = self.state[inputs[0].name]
        if kind in STILL and isinstance(operands[0], Tangent):
            return [operands[0].still()]
        if kind not in COMPARISONS and _has_no_gradient(kind):
            operands = [o.value if isinstance(o, Tangent) else o for o in operands]
        given = rule.attributes(attributes(operation))
        if kind == "Bitcast":  # the bits are those of the graph's precision, and do not move
            bits = operands[0].value if isinstance(operands[0], Tangent) else operands[0]
            operands[0] = bits.astype(operation.inputs[0].dtype.as_numpy_dtype)
        if kind == "Cast" and np.dtype(given["DstT"]).name in FORMATS:
            given["DstT"] = np.float64
        answer = OF_TANGENTS.get(kind, rule.answer)
        if kind in OF_LISTS and any(isinstance(part, list) for part in _parts(operands)):
            answer = OF_LISTS[kind]
        with np.errstate(all="ignore"):
            found = answer(*by_argument(operation, operands), **given)
        if kind in WRITES:
            self.state[inputs[0].name] = self.assigned(inputs[0].name, found)
            return []
        several = isinstance(found, tuple) or (
            isinstance(found, list) and len(operation.outputs) > 1
        )
        return [_wide(each) for each in (found if several else [found])]

    @staticmethod
    def _of_pairs(operation, inputs):
        """Return the pairs that an operation of complex numbers gives."""
        flags = by_argument(operation, [tensor.dtype.is_complex for tensor in operation.inputs])
        given = [any(flag) if isinstance(flag, list) else flag for flag in flags]
        several = any(tensor.dtype.is_complex for tensor in operation.outputs)
        rule = pairs.rule_for(operation.type, given, several, attributes(operation))
        if rule is None:
            raise NoRule(operation.type)
        with np.errstate(all="ignore"):
            found = rule.answer(*by_argument(operation, list(inputs)))
        return [_wide(each) for each in (found if isinstance(found, list | tuple) else [found])]

    def _by_kernel(self, operation, inputs, place):
        """Return what TensorFlow's kernel gives, as for data alone, which no weight moves.

        So do weights not move whole numbers.  What a kernel draws, or Python is called for, is the
        same in every run.
        """
        moved = place.name in self._trained and any(x.dtype.is_floating for x in operation.outputs)
        if moved or any(isinstance(x, _Handle | list) for x in inputs):
            raise NoRule(operation.type)
        given = [_tensor(x, of.dtype) for x, of in zip(inputs, operation.inputs)]
        if not operation.op_def.is_stateful:
            return [_wide(self._array(x)) for x in execute(operation, given)]
        times = self.draws[operation.name] = self.draws.get(operation.name, -1) + 1
        drawn, key = self.trace.drawn_by_kernels, (operation.name, times)
        if key not in drawn:
            drawn[key] = [_wide(self._array(x)) for x in execute(operation, given)]
        return drawn[key]

    @staticmethod
    def _array(tensor):
        return tensor if tensor.dtype.name in WITHOUT_NUMBERS else tensor.numpy()

    @cached_property
    def _trained(self):
        """The names of operations that variables flow into whose gradients are asked for."""
        asked = [source for each in self.trace.differentiations for source in each.sources]
        names = {_placeholder(self.trace, source) for source in asked} - {None}
        placeholders = [x.op for x in self.trace.graph.inputs if x.op.name in names]
        found, waiting = set(), placeholders
        while waiting:
            each = waiting.pop()
            if each.name not in found:
                found.add(each.name)
                waiting += [user for tensor in each.outputs for user in tensor.consumers()]
        return found


def _tensor(value, dtype):
    """Return a number of ours as TensorFlow's, which has it already where it is none."""
    import tensorflow as tf

    value = value.value if isinstance(value, Tangent) else value
    return (
        value
        if tf.is_tensor(value)
        else tf.constant(np.asarray(value).astype(dtype.as_numpy_dtype))
    )


@cache
def _has_no_gradient(kind):
    """Say whether TensorFlow lets no gradient through, as through places and HSVToRGB."""
    from tensorflow.python.framework import ops

    try:
        return ops.gradient_registry.lookup(kind) is None
    except LookupError:
        return True


def _parts(operands):
    for each in operands:
        yield each
        if isinstance(each, list):
            yield from each


@dataclass(frozen=True)
class _Handle:
    """Stands for a variable where a graph has its handle."""

    name: str


def _is_float(array):
    return isinstance(array, np.ndarray | np.generic) and array.dtype.name in FORMATS


def _moving(value, direction):
    """Return a value that moves so, whatever it was computed of."""
    value = value.value if isinstance(value, Tangent) else value
    return value if direction is None else Tangent(value, direction)


def _wide(value):
    return value.astype(np.float64) if _is_float(value) else value


def prove(trace, batch, values):
    """Return the Gradient of a traced step, for one batch and the variables' values.

    values: id of a tf.Variable -> its value, before the step.
    """
    state = {name: _wide(np.asarray(values[id(v)])) for name, v in trace.variables.items()}
    found = Gradient()
    try:
        for asked in trace.differentiations:
            if any(
                getattr(each, "graph", trace.graph) is not trace.graph for each in asked.targets
            ):
                found.without = "a tape is asked inside of a loop or function that the step calls"
            else:
                _prove(trace, batch, state, asked, found)
    except NoRule as error:
        found.without = f"{error} has no rule"
    except (TypeError, ValueError, KeyError, NotImplementedError) as error:
        found.without = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
    if not trace.differentiations:
        found.without = "the step has no GradientTape"
    elif found.variables == 0 and not found.without:
        found.without = (
            "no tape was asked for gradients by variables"
            if any(asked.plain for asked in trace.differentiations)
            else "the tape was given output_gradients"
        )
    return found


def _prove(trace, batch, state, asked, found):
    names = [_placeholder(trace, source) for source in asked.sources]
    rows = [(n, g) for n, g in zip(names, asked.gradients) if n and g is not None]
    if not rows or not asked.plain:
        return
    here, most = _Point(trace, batch, state, asked, rows), farthest(trace)
    found.variables += len(here.gradients)
    if not here.finite:
        found.without = NO_NUMBERS
        return
    apart, met = here.apart(here.directions)
    if not apart <= most and met:
        # At a kink TensorFlow's gradient is one of many: of a point beside it there is one.
        here = _Point(trace, batch, _moved(state, here.gradients, ASIDE), asked, rows)
        apart, met = here.apart(here.directions)
    if not np.isfinite(apart):
        found.without = NO_NUMBERS
        return
    if apart > most and here.has_shared_maxima():
        first = here.with_first_maxima()
        apart, met = first.apart(first.directions)
        if apart <= most:
            found.without = SHARED
            return
        here = first
    if apart > most and asked.own:
        trusting = here.trusting(asked.own)
        without, _ = trusting.apart(trusting.directions)
        if without <= most:
            found.meant += _meant(trace, here, asked.own, most)
            found.differs, apart = max(found.differs, apart), without
        elif np.isfinite(without):
            here, apart = trusting, without
    if apart <= most:
        found.apart = max(found.apart, apart)
        return
    alone = {name: here.change({name: each}) for name, each in here.directions.items()}
    farther = np.max([_relative(*change) for *change, _ in alone.values()])  # NaN stays
    if farther <= most and not any(kinks for *_, kinks in alone.values()):
        # Each by itself is the derivative: together they lose digits where all move far.
        found.apart = max(found.apart, float(farther))
        return
    found.apart = max(found.apart, apart)
    beside = [here.moved(NEXT, seed) for seed in range(TRIES)]
    aside = [here.moved(ASIDE, seed) for seed in range(TRIES)]
    order = _forward_order(trace, here.gradients)
    says = {name: _says_of(here, beside, aside, name, alone[name]) for name in order}
    wrong, wide = ([name for name in order if says[name] == word] for word in (WRONG, WIDE))
    found.wrong += [_name(trace, name) for name in wrong]
    if wrong:
        found.layer = _layer(trace, wrong[-1])
    elif met:
        found.without = "the forward pass has a kink at this point, and beside it"
    else:
        found.without = "float64 is too narrow for these: rounding otherwise changes them as much"
        if wide:
            found.without += (
                f"; the last such one in the forward pass is that of {_name(trace, wide[-1])}, so "
                f"what flows back to {_layer(trace, wide[-1])} is what rounding changes"
            )


def _meant(trace, here, own, most):
    """Return the layers whose own gradients are not the derivatives of their forward passes.

    A kind that TensorFlow itself lets a gradient through is named with its layer.
    """
    wrong = []
    for each in own:
        others = here.trusting([other for other in own if other.name != each.name])
        apart, _ = others.apart(others.directions)
        if not apart <= most:
            wrong.append(each)
    layer = lambda each: trace.origins[each.name].layer
    named = [f"{each.kind} of {layer(each)}" if each.kind else layer(each) for each in wrong or own]
    return list(dict.fromkeys(named))


def farthest(trace):
    """Return the relative difference from which on a gradient is another one."""
    names = {
        tensor.dtype.name
        for operation in trace.graph.get_operations()
        if operation.type == "Const"
        for tensor in operation.outputs
    }
    return MEETING * max(precision_of(name).unit for name in {USUAL, *(names & set(HALVES))})


def _says_of(here, beside, aside, name, change):
    """Return RIGHT, WRONG or WIDE for one gradient, of the change by it alone.

    What rounds in the graph's constants, and in float64, is another difference where these are
    moved; where something saturates, its rounding only changes further aside.
    """
    direction = {name: here.directions[name]}
    told, true, size, met = change
    if _relative(told, true, size) <= farthest(here.trace) or met:
        return RIGHT
    if _is_unsteady(told - true, beside, direction):
        return WIDE
    part = (told - true) / max(size, abs(true))
    for point in aside:
        again, truly, large, met = point.change({name: point.directions[name]})
        changed = abs((again - truly) / max(large, abs(truly), LEAST) - part)
        if not met and np.isfinite(changed) and changed > CHANGE * abs(part):
            return WIDE
    return WRONG


def _is_unsteady(difference, beside, direction):
    """Say whether a difference is what rounding otherwise makes of it, or cannot be told from it.

    The first point that says so is enough: each costs a forward pass.
    """
    told_of = 0
    for point in beside:
        again, truly, *_ = point.change(direction)
        other = abs(difference - (again - truly))
        # A neighbour whose gradients are infinite or no numbers says nothing of rounding.
        if np.isfinite(other):
            told_of += 1
            if abs(difference) <= STEADY * other:
                return True
    return not told_of


def _moved(state, names, far, seed=0):
    """Return a state whose variables of these names are a random bit aside."""
    rng = np.random.default_rng([1, seed])
    moved = dict(state)
    for name in names:
        value = state[name]
        size = np.abs(value) if far == NEXT else np.max(np.abs(value), initial=0) or 1.0
        moved[name] = value + far * size * rng.normal(size=value.shape)
    return moved


def _is_short(value):
    """Say which numbers are of so few digits that they are meant as they are."""
    mantissa, _ = np.frexp(value)
    return (mantissa * SHORT == np.rint(mantissa * SHORT)) | ~np.isfinite(value)


class _Point:
    """A state at which the traced gradients are held against how the targets change.

    gradients: name of a placeholder -> what the traced graph computes, in float64.
    directions: by the same names, scaled so that every variable has its say; but one whose
        gradient is 0 but for rounding has none.
    own: OwnGradients that are taken as they are.  What they return is then a part of how fast
        the targets change by their inputs, and their outputs move by themselves.
    instead: kind -> the Rule that is taken instead of TensorFlow's.
    """

    def __init__(self, trace, batch, state, asked, rows, rounding=None, own=(), instead=None):
        self.trace, self.batch, self.state, self.asked = trace, batch, state, asked
        self.rows, self.rounding, self.own, self.instead = rows, rounding, own, instead
        self.gradients = self._gradients()
        lengths = {name: float(np.linalg.norm(g)) for name, g in self.gradients.items()}
        self.finite = all(map(np.isfinite, lengths.values()))
        least = LEAST * max(lengths.values()) or 1.0
        rng = np.random.default_rng(0)
        self.directions = {}
        for name, gradient in self.gradients.items():
            # Along the gradient no terms cancel, so that a factor shows; at random, all else.
            size, shape = max(least, lengths[name]), gradient.shape
            aside = rng.normal(size=shape) / np.sqrt(max(gradient.size, 1))
            self.directions[name] = (gradient / size + aside) / size

    def moved(self, far, seed):
        """Return a point a bit aside, where all that is rounded is rounded otherwise."""
        return self._but(state=_moved(self.state, self.gradients, far, seed), rounding=1 + seed)

    def trusting(self, own):
        """Return the same point, where these OwnGradients are taken as they are."""
        return self._but(own=own)

    def with_first_maxima(self):
        """Return the same point, where a pooling hands a gradient to the first of equal places."""
        return self._but(instead=FIRST)

    def _but(self, **changes):
        names = ("state", "asked", "rows", "rounding", "own", "instead")
        return _Point(self.trace, self.batch, **{n: getattr(self, n) for n in names} | changes)

    def _run(self, tensors):
        run = Mathematics(self.trace, self.state, None, self.rounding, None, self.instead)
        return _run(run, self.batch, tensors)

    def change(self, directions):
        """Return how fast the targets change: as told, truly; the size of terms, and kinks met."""
        terms = [self.gradients[name] * direction for name, direction in directions.items()]
        flows, returned, leaves = self._passed
        terms += [flow * leaves[name][place] for (name, place), flow in flows.items()]
        told = sum(float(np.sum(each)) for each in terms)
        size = sum(float(np.sum(np.abs(each))) for each in terms)
        tensors = [*self.asked.targets, *(tensor for tensor, _ in returned)]
        moving = directions, self.rounding, leaves, self.instead
        with kinks() as met:
            values = _run(Mathematics(self.trace, self.state, *moving), self.batch, tensors)
        targets = [values[target.name] for target in self.asked.targets]
        true = sum(float(np.sum(t.slope)) for t in targets if isinstance(t, Tangent))
        for tensor, flow in returned:
            moved = values[tensor.name]
            true += float(np.sum(moved.slope * flow)) if isinstance(moved, Tangent) else 0.0
        return told, true, size, met.count

    @cached_property
    def _passed(self):
        """Return what flows through the own gradients, in float64, and how their outputs move.

        That is {(name, place of an output): what flows back to it}, [(input, what is returned to
        it)], and {name: how each output moves}.
        """
        given = [(each.name, *pair) for each in self.own for pair in enumerate(each.given)]
        returned = [pair for each in self.own for pair in each.returned if pair[1] is not None]
        wanted = [flow for *_, (_, flow) in given if flow is not None]
        wanted += [flow for _, flow in returned]
        values = {name: np.asarray(value) for name, value in self._run(wanted).items()}
        flows = {
            (name, place): values[flow.name]
            for name, place, (_, flow) in given
            if flow is not None and np.any(values[flow.name])
        }
        leaves = {each.name: [None] * len(each.given) for each in self.own}
        rng = np.random.default_rng(3)
        for (name, place), flow in flows.items():
            length = float(np.linalg.norm(flow))
            aside = rng.normal(size=flow.shape) / np.sqrt(flow.size)
            leaves[name][place] = (flow / length + aside) / length
        return flows, [(tensor, values[flow.name]) for tensor, flow in returned], leaves

    def has_shared_maxima(self):
        """Say whether a pooling of volumes hands the whole of a gradient to several places."""
        graph = self.trace.graph
        found = [each for each in graph.get_operations() if each.type == "MaxPool3DGrad"]
        wanted = [tensor for each in found for tensor in (each.inputs[2], each.outputs[0])]
        values = self._run(wanted) if found else {}
        both = [(values[each.inputs[2].name], values[each.outputs[0].name]) for each in found]
        return any(given_to_several((flow,), result).any() for flow, result in both)

    def _gradients(self):
        """Return name -> the gradient that the traced graph has for a variable, in float64."""
        wanted = []
        for _, gradient in self.rows:
            slices = hasattr(gradient, "indices")
            wanted += [gradient.values, gradient.indices] if slices else [gradient]
        values, found = self._run(wanted), {}
        for name, gradient in self.rows:
            if hasattr(gradient, "indices"):
                whole = np.zeros_like(self.state[name])
                rows_of = values[gradient.values.name].reshape(-1, *whole.shape[1:])
                np.add.at(whole, np.ravel(values[gradient.indices.name]), rows_of)
            else:
                whole = np.asarray(values[gradient.name])
            found[name] = whole
        return found

    def apart(self, directions):
        """Return how far the two are from each other, relatively, and the kinks met."""
        told, true, size, met = self.change(directions)
        return _relative(told, true, size), met


def _relative(told, true, size):
    return abs(told - true) / max(size, abs(true), UNIT)


def _run(run, batch, tensors):
    """Run what some tensors of the graph depend on; return their values by name."""
    values = run.given(batch)
    needed = operations_behind(tensors)
    kept = {tensor.name for tensor in tensors}
    run.run_graph(run.trace.graph, values, only=needed, kept=kept)
    return {name: values[name] for name in kept}


def _placeholder(trace, source):
    """Return the name of the placeholder of a variable that a tape was asked about, or None."""
    handle = getattr(getattr(source, "value", source), "handle", None)
    handle = getattr(source, "handle", handle)
    for name, variable in trace.variables.items():
        if variable.handle is handle:
            return name
    return None


def _forward_order(trace, names):
    """Return placeholders in the order in which the step first reads their variables."""
    reads = [
        tensor.op.name
        for operation in trace.graph.get_operations()
        for tensor in operation.inputs
        if tensor.op.name in names
    ]
    return sorted(names, key=lambda name: reads.index(name) if name in reads else len(reads))


def _name(trace, placeholder):
    return trace.variables[placeholder].name.partition(":")[0]


def _layer(trace, placeholder):
    """Return the layer that reads a variable first."""
    for operation in trace.graph.get_operations():
        if any(tensor.op.name == placeholder for tensor in operation.inputs):
            return trace.origins[operation.name].layer
    return ""
