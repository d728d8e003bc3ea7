"""What a mutant is tried on: the honest balls of a row, and the values of the changed code.

A trial knows the rows of the tables: a pair's steps, from the states of the reference's own
honest run; the values of an activation, a loss, a schedule; functions that no step calls.
NumPy's changed step, or that of the tape twin in eager mode, must leave its enclosure in some
trial, raise, or have another shape: else the mutant survives.
"""

import ast
import sys
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from types import ModuleType

import numpy as np

from equivalence import trees
from equivalence.arithmetic import precisions
from equivalence.arithmetic.enclosed import enclose, with_balls
from equivalence.judge.certificate import (
    Enclosures,
    check,
    enclose_steps,
    rounding_model,
    usage,
)
from equivalence.pairs import layers, models
from equivalence.pairs.axes import AXES_ROWS
from equivalence.pairs.books import BOOK_ROWS
from equivalence.pairs.optimizers import LOOK_UP_ROWS, OPTIMIZER_ROWS, OPTION_ROWS
from equivalence.pairs.shapes import MUTANT_ROWS, SHAPE_ROWS
from equivalence.plants import operators
from equivalence.plants.cases import activations, functions, losses, operations, schedules
from equivalence.plants.cases.activations import first_outside
from equivalence.plants.tables.networks import MORE_PAIRS
from equivalence.steps import numpy as numpy_runner
from equivalence.steps.program import Program, program
from equivalence.steps.trajectory import STAGES, Layout, Trajectory

DTYPES = tuple(reversed(precisions.NAMES))  # what needs the finer one comes first
FINEST, COARSEST = DTYPES[0], precisions.USUAL
STEPS, GIVEN_STEPS = 3, 100  # of networks; of an optimizer on given gradients
KERAS_STEPS = 2
AGENTS, AGENT_STEPS = (
    ("sarsa", "q-learning", "dqn", "dqn-that-acts"),
    200,
)  # until they have met every end
MOST_WEIGHTS = 20_000  # of a network that is tried: a large one says no more, later
ROWS = (
    *BOOK_ROWS,
    *OPTIMIZER_ROWS,
    *OPTION_ROWS,
    *LOOK_UP_ROWS,
    *AXES_ROWS,
    *SHAPE_ROWS,
    *MUTANT_ROWS,
    *MORE_PAIRS.values(),
    *layers.ROWS,
    *models.ROWS,
)
PAIRS = {row.name: row for row in ROWS}
# Rows whose objects of Keras are asked, too: together they run each line that makes such.
# tensorflow-selu-derivative-by-output: the twin's honest slope of a tiny number is outside.
KNOWN_DEFECTS = ("SELU",)
KERAS_ROWS = (
    "layer-constraint-min-max-norm",
    "two-nodes",
    "look-up-sgd",
    "shape-multilayer",
    "shape-adafactor-relative-step",
    "neuron",
    "layer-simple-rnn-stateful",
    "layer-bidirectional-states",
    "layer-bidirectional-last-states",
    "quadratic-rmse-momentum",
    "descent-left",
    "layer-attention",
    "rating-look-up",
    "layer-multi-head-attention-masked",
    "layer-constraints-3d",
    "option-loss-scale-optimizer",
    "option-weight-decay-but-for-two",
    "schedule-cosine",
    "shape-nadam",
    "shape-half-square",
    "shape-two-layer-linear",
    "quadratic-adam-stochastic",
    "layer-batch-normalization-no-scale",
    "layer-batch-normalization-inference",
    "given-muon-nesterov",
    "layer-constraint-max-norm",
    "layer-constraints-1d",
    "layer-constraints-2d",
    "layer-constraints-lstm",
    "layer-attention-masked",
    "layer-lstm-initial-state",
    "layer-multi-head-attention-axes",
    "layer-upsampling2d",
    "several-inputs",
    "autoencoder",
    "digits-autoencoder",  # an end that its last layer does not have
    "layer-constraints-normalization",  # two axes behind one
    "shape-three-inputs",
    "shape-layers-of-adafactor",
)


@dataclass(frozen=True)
class Trial:
    """One row in one precision.

    kind: "pair", "keras", "activation", "loss", "samples", "schedule", "function", "operation"
        or "refusals".
    """

    kind: str
    name: str
    dtype: str = "float64"

    def outside(self, m):
        """Return where the code of a namespace shows, in words; "" where it does not.

        What the code raises, and other shapes than the honest ones, show too.
        """
        try:
            with np.errstate(all="ignore"):
                return OUTSIDE[self.kind](self, m)
        except Exception as error:
            return f"{type(error).__name__}"

    def __str__(self):
        kind = f" ({self.kind})" if self.kind in ("keras", "samples") else ""
        return f"{self.name}{kind}, {self.dtype}"


@cache
def trials():
    """Return all trials, float64 first: its balls are the narrowest."""
    losses_ = [
        name for name, (case, run) in losses.RUNS.items() if run in losses.runs(case, "eager")
    ]
    found = []
    for dtype in DTYPES:
        found += [Trial("activation", name, dtype) for name in activations.BY_NAME]
        found += [Trial("loss", name, dtype) for name in losses_]
        found += [Trial("samples", name, dtype) for name in losses.BY_NAME if _is_whole(name)]
        found += [Trial("schedule", name, dtype) for name in schedules.BY_NAME]
        found += [Trial("pair", row.name, dtype) for row in ROWS if not _is_large(row)]
    # Keras keeps its hyperparameters in float32: finer runs differ by them, as is known.
    found += [Trial("keras", name, COARSEST) for name in KERAS_ROWS]
    found += [Trial("function", case.name) for case in functions.CASES]
    found += [Trial("operation", name) for name in operations.NAMES]
    return (*found, Trial("refusals", "checks of hyperparameters"))


def only_in(trial):
    """Return the format of a trial that has one alone: of what Keras makes, the usual one."""
    return (trial.dtype,) if trial.kind == "keras" else ()


def in_every_format(trial):
    """Return a trial and those of the same row in other formats, of what has one."""
    if trial.kind not in ("pair", *COMPUTE):
        return (trial,)
    return tuple(replace(trial, dtype=dtype) for dtype in DTYPES)


def _is_whole(name):
    """Say whether a loss is enclosed by its own formulas, of which one is its way back."""
    case = losses.BY_NAME[name]
    return hasattr(enclose(losses.built(case, trees.reference(), "sum")), "samples_backward")


def _is_large(row):
    return sum(np.size(weight) for weight in row.start()) > MOST_WEIGHTS


# ----------------------------------------------------------------- a pair's steps


@dataclass(frozen=True)
class Honest:
    """An honest run: its program, the reference's trajectory, the balls of every step.

    layout: the names of its tensors, asked for before any change.
    said: what the network and its layers say of their shapes.
    """

    program: Program
    record: Trajectory
    balls: Enclosures | None
    layout: Layout
    said: list


@cache
def recorded(name, dtype):
    """Return the program of a pair and the reference's honest trajectory."""
    pair = PAIRS[name]
    run = program(pair, dtype)
    given = type(run.network).__name__ == "GivenGradients"
    steps = GIVEN_STEPS if given else STEPS
    if pair.group == "models" or "restart" in name:
        steps = max(steps, 12)
    if name in AGENTS:
        steps = AGENT_STEPS
    with np.errstate(all="ignore"):
        record = numpy_runner.run(run, run.start(), steps)
    finite = _finite_steps(record)
    return run, record if finite == steps else numpy_runner.run(run, run.start(), finite)


def _finite_steps(record):
    """Return how many steps there are before any number leaves the range: one at least."""
    arrays = (a for stage in STAGES for a in record.computed(stage).values())
    finite = [np.isfinite(a).reshape(len(a), -1).all(axis=1) for a in arrays]
    return max(1, int(np.cumprod(np.all(finite, axis=0)).sum()))


@cache
def honest(name, dtype):
    """Return the Honest run of a pair."""
    run, record = recorded(name, dtype)
    model = rounding_model(dtype, "eager")  # a changed step is taken whole, from the state
    balls = enclose_steps(run, record, model, restarts=False)
    return Honest(run, record, balls, run.layout, _said(run.network))


def _of_a_pair(trial, m):
    this = honest(trial.name, trial.dtype)
    pair = PAIRS[trial.name]
    network, optimizer = pair.network(m), pair.optimizer(m)
    if found := _other_shapes(network, this):
        return found
    tried = _by_numpy if m.tree == "refimpl" else _by_tape
    start = tried.start(m, network, optimizer, this)
    for name, states in this.record.slots.items():
        if not np.array_equal(start[name], states[0]):
            return f"start {name}"
    if m.tree == "refimpl" or _stacks(trial):
        found = _first_place(this, tried.steps(m, network, optimizer, this), slice(None))
        if found:
            return found
    for step in _some_steps(trial, this.record.steps, m.tree == "refimpl"):
        found = _first_place(this, _one_step(m, network, optimizer, this, step), [step])
        if found:
            return found
    return ""


def _of_keras(trial, m):
    """Keras's own objects, as the twins' ``keras`` and ``model`` make them, in eager mode."""
    from equivalence.engines import build

    pair = PAIRS[trial.name]
    run = recorded(trial.name, trial.dtype)[0]
    parts = pair.network(m), pair.optimizer(m)
    runner = build.build(*parts, run, "keras", "eager", model=pair.keras)
    begun, right = runner.start(run), run.start()
    for name, slot in begun.slots.items():
        if not np.array_equal(slot, right.slots[name]):
            return f"start {name}"
    record = runner.run(run, begun, KERAS_STEPS)
    balls = enclose_steps(run, record, rounding_model(trial.dtype, "eager"))
    outside = check(record, balls).outside
    return f"{outside.stage} {outside.tensor}" if outside else ""


def _other_shapes(network, this):
    """Say whether a network names other tensors, or says other shapes, than it should."""
    layout, states = this.layout, tuple(network.state_names)
    names = tuple(network.activation_names), tuple(network.weight_names), states
    if names != tuple(map(tuple, (layout.activations, layout.weights, layout.states))):
        return f"the names {names}"
    if _said(network) != this.said:
        return "the shapes"
    shapes = getattr(network, "weight_shapes", None)
    right = [weight.shape for weight in this.program.weights]
    if shapes is not None and list(map(tuple, shapes)) != right:
        return f"weights of the shapes {shapes}"
    return ""


def _said(part):
    """Return in words what a network, and each layer in it, says of shapes, flows and sums."""
    names = "weight_shapes", "output_shape", "flows_to", "sums"
    found = [f"{type(part).__name__} {[getattr(part, name, None) for name in names]}"]
    for name in ("built", "inner"):
        inner = getattr(part, name, ())
        for each in inner if isinstance(inner, tuple) else (inner,):
            found += _said(each[1] if isinstance(each, tuple) else each)
    return found


def _some_steps(trial, steps, stacked):
    """Return which steps are taken one at a time: the second, or some where none is stacked."""
    if stacked:
        return (int(steps > 1),)
    apart = max(1, steps // 40) if trial.name in AGENTS else steps - 1
    return tuple(sorted({*range(min(3, steps)), *range(0, steps, max(apart, 1)), steps - 1}))


@cache
def _stacks(trial):
    """Say whether the honest twin takes all steps at once, stacked, inside the balls."""
    this, m = honest(trial.name, trial.dtype), trees.tensorflow()
    if this.program.last is not None:
        return False
    pair = PAIRS[trial.name]
    try:
        step = _by_tape.steps(m, pair.network(m), pair.optimizer(m), this)
        return not _first_place(this, step, slice(None))
    except Exception:
        return False


class _by_numpy:
    """The reference's code: all steps at once, each from its recorded state."""

    def start(m, network, optimizer, this):
        states = tuple(np.asarray(s, this.program.dtype) for s in _start_states(network))
        slots = m.build_slots(optimizer, this.program.weights, states)
        return _named(this, slots)

    def steps(m, network, optimizer, this):
        wrong = Program(network, optimizer, *(getattr(this.program, name) for name in PROGRAM_DATA))
        return numpy_runner.step_each(wrong, this.record, lambda array: array)


PROGRAM_DATA = ("weights", "inputs", "targets", "last")


class _by_tape:
    """The tape twin's code in eager mode."""

    def start(m, network, optimizer, this):
        import tensorflow as tf

        weights = tuple(map(tf.constant, this.program.weights))
        started = (np.asarray(s, this.program.dtype) for s in _start_states(network))
        states = tuple(map(tf.constant, started))
        return _named(this, m.build_slots(optimizer, weights, states))

    def steps(m, network, optimizer, this):
        """Take all steps at once, from their recorded states."""
        steps = np.arange(this.record.steps)
        numbers = numpy_runner.step_numbers(this.record, this.program.dtype)
        return _taken(m, network, optimizer, this, slice(None), steps, numbers)


def _one_step(m, network, optimizer, this, step):
    """Return one step of either tree with a leading axis of one step."""
    count = np.asarray(step + 1, this.program.dtype)
    taken = _taken(m, network, optimizer, this, step, step, count)
    full = lambda arrays, record: [
        numpy_runner.filled(np.asarray(a), all_[step].shape) if this.program.last else a
        for a, all_ in zip(arrays, record.values())
    ]
    lead = lambda arrays: tuple(np.asarray(a)[None] for a in arrays)
    return taken._replace(
        activations=lead(full(taken.activations, this.record.activations)),
        flows=lead(full(taken.flows, this.record.flows)),
        error=np.asarray(taken.error)[None],
        gradients=lead(taken.gradients),
        weights=lead(taken.weights),
        slots=tuple(map(lead, taken.slots)),
    )


def _taken(m, network, optimizer, this, which, steps, count):
    """Return the step, or the steps at once, that a tree's code takes from recorded states."""
    layout, record, lift = this.program.layout, this.record, _lift(m)
    weights = {name: lift(a[which]) for name, a in record.before("weights").items()}
    slots = {name: lift(a[which]) for name, a in record.before("slots").items()}
    inputs, targets = map(lift, this.program.batch(steps))
    return m.train_step(
        network,
        optimizer,
        tuple(weights[name] for name in layout.weights),
        layout.slot_tuples(slots),
        lift(count),
        inputs,
        targets,
    )


def _start_states(network):
    return network.start_states()


def _named(this, slots):
    flat = [np.asarray(slot) for of_weight in slots for slot in of_weight]
    return dict(zip(this.program.layout.slots, flat, strict=True))


def _first_place(this, step, which):
    """Return the first stage and tensor of a stacked step that is outside, or ""."""
    found = this.program.layout.by_stage(step)
    for stage in STAGES:
        honest_ones = this.record.computed(stage)
        for name, value in found[stage].items():
            value, same = np.asarray(value), honest_ones[name][which]
            if value.shape != same.shape or value.dtype != same.dtype:
                return f"{stage} {name}: {value.dtype}{list(value.shape)}"
            ball = this.balls.balls[stage][name][which]
            bounded = np.isfinite(np.broadcast_to(ball.rad, value.shape))
            lost = np.isfinite(same) & ~np.isfinite(value)
            if lost.any() or not (usage(value, ball) <= 1)[bounded].all():
                return f"{stage} {name}"
    return ""


# ------------------------------------------------------------------------- values

LEAD = 2  # nets, or steps, along an axis in front


@cache
def _given(trial, nets):
    """Return what a trial's code is called with; ``nets`` at once have other numbers each.

    Of an activation, x and yb; of a loss, what it is called with; of its samples, weights, O
    and T; of a schedule, iterations.
    """
    if trial.kind == "activation":
        case = activations.BY_NAME[trial.name]
        arrays = activations.inputs(case, trial.dtype), activations.cotangents(case, trial.dtype)
        every = [arrays, [array[::-1] for array in arrays]]
    elif trial.kind == "loss":
        case, run = losses.RUNS[trial.name]
        every = [losses.arguments(case, trial.dtype, run, seed) for seed in (3, 13)]
    elif trial.kind == "samples":
        each = (losses.inputs(losses.BY_NAME[trial.name], trial.dtype, seed) for seed in (3, 13))
        every = [(weights, O, T) for O, T, weights in each]
    else:
        every = [(schedules.ITERATIONS.astype(trial.dtype),)]
    if not nets:
        return tuple(every[0])
    return tuple(None if of[0] is None else np.stack(of) for of in zip(*every))


@cache
def _expected(trial, nets):
    """Return what NumPy computes honestly, and the balls."""
    m = trees.reference()
    if trial.kind == "function":
        case = functions.BY_NAME[trial.name]
        return functions.reference(case), functions.balls(case)
    given = _given(trial, nets)
    values = COMPUTE[trial.kind](trial, m, given)
    model = rounding_model(trial.dtype, "eager")
    balls = [None if array is None else model.array(array) for array in given]
    enclosed = lambda part: with_balls(enclose(part), model)
    return values, COMPUTE[trial.kind](trial, m, balls, enclosed)


def _of_values(parts):
    """Return the ``outside`` of a kind that gives a tuple of arrays."""

    def tried(trial, m, nets):
        if trial.kind == "function":
            values = functions.BY_NAME[trial.name].values(m.tree, _lift(m))
        else:
            values = COMPUTE[trial.kind](trial, m, tuple(map(_lift(m), _given(trial, nets))))
        expected, balls = _expected(trial, nets)
        values = [np.asarray(value) for value in values]
        for value, same in zip(values, expected, strict=True):
            if value.dtype != np.asarray(same).dtype:
                return f"the dtype {value.dtype}"
        found = first_outside(parts, values, expected, balls)
        return f"{found[0][0]}{list(found[0][1])}" if found else ""

    @cache
    def stacks(trial, tree):
        """Say whether the honest code takes several nets; asked before anything is changed."""
        try:
            return trial.kind in STACKED and not tried(trial, trees.namespace(tree), True)
        except Exception:
            return False

    def outside(trial, m):
        found = tried(trial, m, False)
        return found or (tried(trial, m, True) if stacks(trial, m.tree) else "")

    outside.stacks = stacks
    return outside


STACKED = ("activation", "loss", "samples")


def _lift(m):
    """Return what makes of an array, or of None, what a tree computes with."""
    if m.tree == "refimpl":
        return lambda array: array
    import tensorflow as tf

    def tensor(array):
        with tf.device("/CPU:0"):
            return None if array is None else tf.constant(array)

    return tensor


def _activation(trial, m, given, enclosed=lambda part: part):
    activation = enclosed(activations.BY_NAME[trial.name].build(m))
    x, yb = given
    y = activation.forward(x)
    return y, activation.backward(yb, x, y)


def _loss(trial, m, given, enclosed=lambda part: part):
    case, run = losses.RUNS[trial.name]
    loss = enclosed(losses.built(case, m, run[0]))
    return loss.forward(*given), loss.backward(*given)


def _samples(trial, m, given, enclosed=lambda part: part):
    """The way back from the samples' losses, as it is written out: a tape does not call it."""
    loss = enclosed(losses.built(losses.BY_NAME[trial.name], m, losses.DEFAULT[0]))
    weights, O, T = given
    return (loss.samples_backward(loss.counting(O, T, weights, None), O, T),)


def _schedule(trial, m, given, enclosed=lambda part: part):
    return (enclosed(schedules.BY_NAME[trial.name].make(m)).rate(*given),)


def _refusals(trial, m):
    return "; ".join(functions.unexpected_refusals(m)[:1])


def _operation(trial, m):
    return operations.outside(trial.name)


COMPUTE = {
    "activation": _activation,
    "loss": _loss,
    "samples": _samples,
    "schedule": _schedule,
}
OUTSIDE: dict = {
    "pair": _of_a_pair,
    "keras": _of_keras,
    "activation": _of_values(activations.PARTS),
    "loss": _of_values(losses.PARTS),
    "samples": _of_values(("Ob",)),
    "schedule": _of_values(("rate",)),
    "function": _of_values(count()),
    "operation": _operation,
    "refusals": _refusals,
}


# ----------------------------------------------------------------------- coverage


@cache
def files_of(trial):
    """Return the files of ``refimpl`` whose code a trial may run, relative to the tree.

    Those of the classes of its parts and of their bases, and whatever these import by name.
    """
    if trial.kind == "refusals":
        return frozenset({"checks.py", *functions.FILES_THAT_REFUSE})
    if trial.kind == "function":
        return frozenset({functions.BY_NAME[trial.name].file})
    if trial.kind == "operation":
        return _files({operations.module_of(trial.name)})
    m = trees.reference()
    if trial.kind in ("pair", "keras"):
        pair = PAIRS[trial.name]
        parts = pair.network(m), pair.optimizer(m)
    elif trial.kind in ("loss", "samples"):
        case, run = losses.RUNS.get(trial.name) or (losses.BY_NAME[trial.name], losses.DEFAULT)
        parts = losses.built(case, m, run[0])
    else:
        cases = activations if trial.kind == "activation" else schedules
        case = cases.BY_NAME[trial.name]
        parts = case.build(m) if trial.kind == "activation" else case.make(m)
    return _files({"refimpl.training", *_modules(parts)})


def _files(modules):
    """Return the files of modules of ``refimpl`` and of whatever they import by name."""
    new, found = set(modules), set()
    while new:
        found |= new
        new = {other for module in new for other in _imported(module)} - found
    found -= {"refimpl.checks"}  # they change no number, and are tried by themselves
    return frozenset(name.removeprefix("refimpl.").replace(".", "/") + ".py" for name in found)


def _modules(part):
    """Yield the modules of an object, of its bases and of its pieces."""
    for piece in part if isinstance(part, tuple) else ():
        yield from _modules(piece)
    for base in type(part).__mro__:
        if base.__module__.startswith("refimpl."):
            yield base.__module__
    if is_dataclass(part):
        for piece in fields(part):
            yield from _modules(getattr(part, piece.name))


@cache
def _imported(module):
    """Return the modules of ``refimpl`` that have what a module imports from it by name."""
    found, path = set(), import_module(module).__file__
    for node in ast.walk(ast.parse(Path(path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("refimpl"):
            source = import_module(node.module)
            for name in (alias.name for alias in node.names):
                given = getattr(source, name, None)
                is_module = isinstance(given, ModuleType)
                of = given.__name__ if is_module else getattr(given, "__module__", node.module)
                found.add(of if of.startswith("refimpl.") else node.module)
    return frozenset(found)


@cache
def prepare(trial, tree):
    """Compute what is honest of a trial, before any code of a tree is changed; kept.

    Raises AssertionError where the honest code itself is outside: its balls say nothing then.
    """
    if trial.kind == "pair":
        honest(trial.name, trial.dtype)
        if tree == "tfimpl":
            _stacks(trial)
    elif trial.kind == "operation":
        operations.balls(trial.name), operations.formats(trial.name)
    elif trial.kind not in ("keras", "refusals"):
        with np.errstate(all="ignore"):
            _expected(trial, False)
            OUTSIDE[trial.kind].stacks(trial, tree)
    found = trial.outside(trees.namespace(tree))
    assert not found, f"{trial}: the honest code of {tree} is outside: {found}"


def forget(tree):
    """Empty what functions of the tree remember: it is of other code."""
    for clear in _memories(tree, len(sys.modules)):
        clear()


@cache
def _memories(tree, imported):
    """Return what empties each cache of a tree's modules.

    imported: how many modules there are: those of the tree may come later.
    """
    modules = [module for name, module in sys.modules.items() if name.startswith(f"{tree}.")]
    found = {id(v): v for module in modules for v in vars(module).values()}
    return [v.cache_clear for v in found.values() if callable(getattr(v, "cache_clear", None))]


def covered(trial, tree):
    """Return {file: its lines} of a tree that a trial runs, relative to the tree."""
    if tree not in trees_of(trial):
        return {}
    if trial.kind == "pair":
        recorded(trial.name, trial.dtype)
    folder = str(Path(find_spec(tree).origin).parent)
    seen = {}

    def trace(frame, event, argument):
        name = frame.f_code.co_filename
        if not name.startswith(folder):
            return None
        lines = seen.setdefault(Path(name).relative_to(folder).as_posix(), set())

        def of_line(frame, event, argument):
            lines.add(frame.f_lineno)
            return of_line

        lines.add(frame.f_lineno)
        return of_line

    forget(tree)  # what is remembered would not be run
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        with np.errstate(all="ignore"):
            _asked(trial, trees.namespace(tree))
    finally:
        sys.settrace(before)
    return {file: lines for file, lines in seen.items() if file in _judged(trial, tree)}


def trees_of(trial):
    """Return the trees whose code a trial asks."""
    if trial.kind == "function":
        return functions.BY_NAME[trial.name].trees
    if trial.kind == "activation" and trial.name in KNOWN_DEFECTS:
        return ("refimpl",)
    of_one = {"operation": ("refimpl",), "keras": ("tfimpl",)}
    return of_one.get(trial.kind, ("refimpl", "tfimpl"))


def _judged(trial, tree):
    """Return the files whose lines count: what a check refuses changes no number of a step."""
    return files_of(trial) if tree == "refimpl" else operators.files(tree)


def _asked(trial, m):
    """Run the code of a tree that ``outside`` runs, without balls."""
    if trial.kind in ("keras", "refusals", "operation"):
        return OUTSIDE[trial.kind](trial, m)
    if trial.kind == "function":
        return functions.BY_NAME[trial.name].values(m.tree, _lift(m))
    if trial.kind != "pair":
        given = tuple(map(_lift(m), _given(trial, False)))
        return COMPUTE[trial.kind](trial, m, given)
    pair = PAIRS[trial.name]
    run, record = recorded(trial.name, trial.dtype)
    this = Honest(run, record, None, run.layout, [])
    network, optimizer = pair.network(m), pair.optimizer(m)
    _other_shapes(network, this)
    if m.tree == "tfimpl":
        _by_tape.start(m, network, optimizer, this)
        return _one_step(m, network, optimizer, this, 0)
    _by_numpy.start(m, network, optimizer, this)
    return _by_numpy.steps(m, network, optimizer, this)
