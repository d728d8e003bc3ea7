"""``certify``: every number of some steps of somebody's training, each from its own operands."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from equivalence.arithmetic.precisions import FORMATS
from equivalence.errors import BadInput, choose
from equivalence.graph.certificate import is_float
from equivalence.graph.report import First, Operation, Report, Unobserved
from equivalence.graph.unobserved import COMPILED, NAMES, compiles, runner_of
from equivalence.machine.blas import one_blas_thread
from equivalence.machine.memory import freed_kept


def certify(
    model: Any,
    x: Any,
    y: Any = None,
    steps: int = 3,
    sample_weight: Any = None,
    batch_size: int = 32,
    engine: str = "graph",
    keep: bool = False,
    watch: bool = False,
    class_weight: dict | None = None,
) -> Report:
    """Certify steps of a training, operation by operation, and return the Report.

    The step of a compiled Keras model is its own ``train_step``: compiled loss, penalties,
    optimizer, metrics.  Every number that an operation of it returned is held against what the
    operation may return for the operands that it had.

    model: a compiled Keras model, or a function of the tensors of a batch that trains
        tf.Variables.
    x, y: arrays of numbers or texts with samples along the first axis; of several inputs tuples,
        lists or dicts of them.
    steps: how many, each of the next ``batch_size`` samples, from the first again at the end.
    engine: "eager", "graph", "xla", "fit" or "train_on_batch": how the same steps are run
        unobserved beside it.
    keep: leave the variables as the steps leave them; else they are as before.
    watch: also certify the first step as ``engine``, which is not "eager", runs it unobserved, by
        what can be fetched of it without changing a bit; it is compiled at most 40 times for that,
        and where it was watched before once.
    class_weight: the weights of classes, as ``fit`` takes them: label -> weight.

    Raises BadInput, an ``equivalence.Error`` and a ValueError, for what cannot be certified.
    """
    import keras

    from equivalence.graph import step as steps_of

    for name, number in (("steps", steps), ("batch_size", batch_size)):
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            raise BadInput(f"{name}={number!r}: give a whole number above 0")
    choose("engine", [engine], NAMES)
    if watch and compiles(engine, model) == "eager":
        why = "compiles nothing" if engine == "eager" else "runs this model eagerly"
        raise BadInput(f"engine={engine!r} {why}: watch {', '.join(COMPILED)}")
    if class_weight is not None:
        if sample_weight is not None:
            raise BadInput("give class_weight or sample_weight, not both: Keras takes one")
        sample_weight = steps_of.weights_of_classes(class_weight, y)
    parts = tuple(part for part in (x, y, sample_weight) if part is not None)
    batches = steps_of.Batches(parts, batch_size, keras.config.floatx())
    prepared = Prepared(model, batches[0], compiles(engine, model) == "xla")
    with one_blas_thread(), freed_kept():
        return prepared.certify(batches, steps, engine, keep, watch)


class Prepared:
    """A training step traced once, which may be certified from any state and batches.

    compiled: traced as XLA's engine traces it.

    Raises BadInput for what cannot be traced for a batch.
    """

    def __init__(self, model, batch, compiled=False):
        import keras

        from equivalence.graph import kinds  # noqa: F401  (fills the table of rules)
        from equivalence.graph import step as steps_of

        self.clock, self.model = Clock(), model
        with self.clock("tracing"):
            if isinstance(model, keras.Model):
                self.name, self.step = model.name, steps_of.of_model(model, batch)
            elif callable(model):
                self.name = getattr(model, "__name__", "step")
                self.step = steps_of.of_function(model, batch)
            else:
                raise BadInput(
                    f"{type(model).__name__!r} cannot be certified: give a compiled Keras model, "
                    "or a function that trains tf.Variables"
                )
            with steps_of.fitting(self.name):
                self.traced = self._trace_as_given(batch, compiled)
        self.states = States(self.traced.variables.values())
        if not self.states.variables:
            raise BadInput(f"{self.name!r} reads no tf.Variable: there is nothing that it trains")

    def _trace_as_given(self, batch, compiled):
        """Return the Trace of the step; of one that takes x out of a tuple, as of a dataset's."""
        from equivalence.graph import step as steps_of

        try:
            return self._trace(batch, compiled)
        except Exception:
            if self.step.data is tuple or self.step.data(batch) is not batch[0]:
                raise
            first, self.step = self.step, steps_of.of_model(self.model, batch, tuple)
            try:
                return self._trace(batch, compiled)
            except Exception:
                self.step = first
            raise

    def _trace(self, batch, compiled):
        """Return the Trace of the step; one with loops on tensors in Python where it has such."""
        import keras
        from tensorflow.errors import OperatorNotAllowedInGraphError

        from equivalence.graph.trace import NotInlined, trace

        try:
            return trace(self.step, batch, compiled)
        except NotInlined:  # as one is whose own loops on tensors are those of its graph
            self.step = replace(self.step, inlines=False)
            return self._trace(batch, compiled)
        except OperatorNotAllowedInGraphError:
            # Of models it is Keras that says so, which converts no step of theirs either.
            if isinstance(self.model, keras.Model) or self.step.autograph:
                raise
            self.step = replace(self.step, autograph=True)
            return self._trace(batch, compiled)

    def watch(self, batch, engine, uneven=False):
        """Return the Watch of one step, of which nothing is certified as observed.

        uneven: whether ``fit`` has a smaller batch at the end.  The variables stay as they are.
        """
        from equivalence.graph.remarks import EFFECTS
        from equivalence.graph.replay import READS, Replay
        from equivalence.graph.step import running
        from equivalence.graph.watch import watch_step

        numbers, states = {}, self.states
        start = states.read()

        def see(execution):
            operation, place = execution.operation, execution.place
            if operation.type not in READS:
                name = name_of(operation, place)
                floats = [result for result in execution.results if is_float(result)]
                numbers[name] = numbers.get(name, 0) + sum(result.size for result in floats)

        replay = Replay(self.traced, see, EFFECTS)
        try:
            with running(self.name), self.clock("watching"):
                replay.run(batch)
                states.write(start)
                runner_of(engine, self.model, self.step, self.traced, uneven)(batch)
                facts = self.traced, batch, states, start, states.read()
                compiler = compiles(engine, self.model)
                return watch_step(*facts, compiler, replay.rounds, replay.entered, numbers)
        finally:
            states.write(start)

    def certify(self, batches, steps, engine=None, keep=False, watch=False, optimizer=None):
        """Return the Report of steps from the variables' present values.

        batches: what gives the parts of a batch as tensors, by its number.
        engine: how each step is run unobserved beside it; None if it is not.
        optimizer: of ours, against which that of the step is held instead of its twin.
        """
        from equivalence.graph.derivative import prove
        from equivalence.graph.remarks import EFFECTS
        from equivalence.graph.replay import READS
        from equivalence.graph.scale import depends_on_scale, scales_of
        from equivalence.graph.step import running, running_unobserved
        from equivalence.graph.watch import watch_step

        clock, states = self.clock, self.states
        unobserved, compiler = None, None
        if engine:
            compiler, uneven = compiles(engine, self.model), getattr(batches, "uneven", False)
            unobserved = runner_of(engine, self.model, self.step, self.traced, uneven)
        run = Run(self.traced, clock, states, EFFECTS if unobserved else (), optimizer)
        start = after = states.read()
        beside, watched = [], None
        try:
            for number in range(steps):
                before, last = after, number == steps - 1
                with running(self.name):
                    after = run.step(number, batches[number], before, last)
                    if unobserved:
                        observed = after
                        states.write(before)
                        with clock("unobserved"), running_unobserved(self.name, engine):
                            unobserved(batches[number])
                        after = states.read()
                        beside.append(_beside(number, states.names, observed, after))
                if watch and number == 0:
                    with clock("watching"):
                        numbers = {
                            name: row.numbers
                            for name, row in run.operations.items()
                            if row.kind not in READS
                        }
                        facts = self.traced, batches[0], states, before, after, compiler
                        watched = watch_step(*facts, run.rounds, run.entered, numbers)
        finally:
            if not keep:
                states.write(start)
        with clock("derivative"):
            values = states.by_id(start)
            gradient = prove(self.traced, batches[0], values)
            gradient.scaled = depends_on_scale(self.traced, batches[0], values)
            gradient.has_scale = bool(scales_of(self.traced))
        operations, size = list(run.operations.values()), _samples(batches[0])
        facts = self.name, engine or "eager", steps, size, operations, run.first, beside
        beside = self.traced.remarks, run.mathematics.parts, run.arose
        return Report(*facts, gradient, watched, clock.seconds, *beside)


def _samples(batch):
    import tensorflow as tf

    return len(tf.nest.flatten(batch)[0])


def _beside(number, names, observed, unobserved):
    """Return what of two states of float variables agrees to the bit."""
    floats = [k for k, value in enumerate(observed) if value.dtype.name in FORMATS]
    pairs = [(names[k], observed[k], unobserved[k]) for k in floats]
    parted = [(name, a, b) for name, a, b in pairs if a.tobytes() != b.tobytes()]
    apart = sum(int(np.sum((a != b) & ~(np.isnan(a) & np.isnan(b)))) for _, a, b in parted)
    count, names = max(sum(a.size for _, a, _ in pairs), 1), [name for name, *_ in parted]
    return Unobserved(number, len(pairs) - len(names), len(pairs), 1 - apart / count, names)


class Run:
    """Collects what is found of every operation.

    skip: kinds of operations that the unobserved run alone runs, since they print or write.
    rounds: how often the body of each loop of the outer graph ran in the last step; entered: which
        function each of its branches and calls took.
    first: the First number outside, in the order in which operations ran.
    arose: where the first enclosure is unbounded, or a number is infinite or NaN, in words.
    born: where the first number is that has to be infinite or none, as a logarithm of 0 (L20).
    """

    def __init__(self, traced, clock, states, skip=(), optimizer=None):
        from equivalence.graph.recognised import Mathematics

        self.traced, self.clock, self.states, self.skip = traced, clock, states, skip
        self.mathematics = Mathematics(traced, optimizer)
        self.operations: dict[str, Operation] = {}
        self.known: dict[tuple, Any] = {}
        self.first: First | None = None
        self.arose = ""
        self.born = ""
        self.number = 0
        self.rounds: dict[str, int] = {}
        self.entered: dict[str, str] = {}

    def step(self, number, batch, before, last=True):
        """Run and certify one step; return the variables' values behind it.

        before: their values; last: of the steps.
        """
        from equivalence.graph.replay import Replay

        self.number, self.known = number, {}
        names = ("certificate", "mathematics")
        spent = lambda: sum(self.clock.seconds.get(name, 0.0) for name in names)
        begun, mathematics = spent(), self.mathematics
        with self.clock("kernels"):
            with self.clock("mathematics"):
                mathematics.begin(self.states.by_id(before), last)
            wanted = mathematics.wanted, self._take, mathematics.awaited, self._reach
            replay = Replay(self.traced, self._see, self.skip, *wanted)
            replay.run(batch)
            self.rounds, self.entered = replay.rounds, replay.entered
            after = self.states.read()
            with self.clock("mathematics"):
                mathematics.end(self.states.by_id(after))
        self.clock.seconds["kernels"] -= spent() - begun
        return after

    def _take(self, name, value):
        with self.clock("mathematics"):
            self.mathematics.take(name, value)

    def _reach(self, name):
        with self.clock("mathematics"):
            self.mathematics.reach(name)

    def _see(self, execution):
        from equivalence.graph.certificate import certify_operation
        from equivalence.graph.lost import find_lost
        from equivalence.graph.replay import attributes

        with self.clock("certificate"):
            key = key_of(execution)
            finding = self.known.get(key) if key else None
            if finding is None:
                finding = certify_operation(execution, attributes)
                if key and not finding.outside:
                    self.known[key] = finding
            lost = find_lost(execution)
        operation = execution.operation
        row = self._row(operation, execution.place)
        row.add(finding, *lost)
        place = f"step {self.number}, {row.layer}, {row.kind} {row.name}"
        if finding.undecided and not self.arose:
            why = " and ".join(dict.fromkeys(finding.notes)) or "an unbounded enclosure"
            before = f" (the first infinite or no number: {self.born})" if self.born else ""
            self.arose = f"{place}: {why}{before}"
        if finding.decided and not self.born:
            self.born = place
        if finding.outside and self.first is None:
            place = finding.outside
            self.first = First(
                self.number,
                row.name,
                row.kind,
                row.layer,
                row.about,
                row.line,
                place.result,
                place.index,
                place.reference,
                place.tensorflow,
                place.true,
                place.usage,
                place.fits,
            )

    def _row(self, operation, place):
        name = name_of(operation, place)
        if name not in self.operations:
            origin = self.traced.origins[place.name]
            line = origin.line
            if operation is not place:
                from equivalence.graph.trace import line_of

                line = line_of(operation) or line
            self.operations[name] = Operation(
                name, operation.type, origin.layer, origin.about, line
            )
        return self.operations[name]


def name_of(operation, place):
    """Return how an operation is called that ran inside of one of the outer graph, or as it."""
    return operation.name if operation is place else f"{place.name}: {operation.name}"


# Kinds of which an operation's attributes say no more than its operands and results do.
OF_OPERANDS = {
    *("Add", "AddV2", "Sub", "Mul", "RealDiv", "DivNoNan", "Pow", "Sqrt", "Rsqrt", "Square"),
    *("Neg", "Cast", "Maximum", "Minimum", "Identity", "AssignVariableOp", "AssignAddVariableOp"),
}


def key_of(execution):
    """Return what an operation of single numbers was given and returned; None of other ones.

    An optimizer does the same to its rate and powers for every variable: one Finding is of all.
    """
    kind = execution.operation.type
    if kind not in OF_OPERANDS:
        return None
    key = [kind]
    for array in (*execution.operands, *execution.results):
        if not isinstance(array, np.ndarray | np.generic) or array.ndim:
            return None
        key += array.dtype, array.tobytes()
    return tuple(key)


class States:
    """The variables of a step, each once."""

    def __init__(self, variables):
        self.variables = list({id(v): v for v in variables}.values())
        self.names = [getattr(v, "name", "").partition(":")[0] for v in self.variables]

    def read(self):
        return [np.asarray(v.numpy()) for v in self.variables]  # which copies

    def by_id(self, values):
        """Return id of a variable -> its value, of what ``read`` gave."""
        return {id(v): value for v, value in zip(self.variables, values)}

    def write(self, values):
        for variable, value in zip(self.variables, values):
            variable.assign(value)


class Clock:
    """Seconds by what was done."""

    def __init__(self):
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, what):
        begun = time.perf_counter()
        self.seconds.setdefault(what, 0.0)
        try:
            yield
        finally:
            self.seconds[what] += time.perf_counter() - begun
