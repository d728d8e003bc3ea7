"""The step as it runs when nobody looks, watched without changing it.

Whoever fetches every tensor of a graph keeps the compiler from fusing and reordering, and runs
another program.  But nearly all tensors can be fetched with the new weights and slots keeping
every bit: ``find_watchable`` looks for them by halving.  What is fetched so is certified operation
by operation, from what was fetched; what lies between is a ball.
"""

from dataclasses import dataclass, field

import numpy as np

from equivalence.arithmetic.rounding import Model, RoundingArray
from equivalence.engines.table import ENGINES
from equivalence.graph.certificate import FLOATS, certify_operation, is_float, over_balls
from equivalence.graph.inside import (
    body_of,
    keep_in_lists,
    known_to_tensorflow,
    loops_of,
    tensors_of,
)
from equivalence.graph.replay import (
    LOOPS,
    OF_LISTS,
    READS,
    WRITES,
    Execution,
    attributes,
    by_argument,
    in_order,
)
from equivalence.graph.rules import RULES

# How often a step may be compiled to find out what can be watched.
COMPILATIONS = 60
# How many operations are taken together where a compiler may have rewritten them.
DEEPEST = 3
# Of which XLA makes other numbers, of the same words (``refimpl.random.philox``).
DRAWN_OTHERWISE = {"xla": ("StatelessRandomUniformV2",)}
NOT_WATCHED = ("Placeholder", "Const", "NoOp")


@dataclass
class Watch:
    """What was watched of one step as it runs unobserved.

    tensors: how many there are; watched: of how many the fetching changes no bit.
    compilations: how often the step was compiled for that; whole: whether the search ended by
        itself.
    numbers: how many floats the operations return; inside: how many of these lie inside of loops,
        branches and functions and were not seen; looked_into: how many inside of loops were;
        checked: how many are watched and
        certified; pieces: how many operations were so only together with those before them.
    unexplained: (operation, why) of what lies outside with DEEPEST operations taken together: a
        compiler may have taken more of them together than that.
    without: kind -> how many operations returned watched floats and have no certificate.
    """

    tensors: int = 0
    watched: int = 0
    compilations: int = 0
    whole: bool = True
    numbers: int = 0
    inside: int = 0
    looked_into: int = 0
    checked: int = 0
    pieces: int = 0
    unexplained: list = field(default_factory=list)
    without: dict = field(default_factory=dict)


class Watching:
    """One step of one batch, from one state to another, as an engine runs it unobserved."""

    def __init__(self, trace, batch, states, before, after, engine, rounds=None):
        self.trace, self.batch, self.states = trace, batch, states
        self.rounds = rounds or {}
        self.before, self.after = before, after
        self.compiled = engine == "xla"
        self.found = Watch()
        self.definition = _without_placeholders(trace.graph.as_graph_def())
        used = {
            name.lstrip("^").partition(":")[0] for n in self.definition.node for name in n.input
        }
        self.placeholders = [t.op.name for t in trace.graph.inputs if t.op.name in used]
        self.tensors = [
            tensor
            for operation in in_order(trace.graph)
            for tensor in operation.outputs
            if operation.type not in NOT_WATCHED
            and tensor.dtype.name not in ("resource", "variant")
        ]
        # Tensors of loops' bodies stand behind those of the outer graph.
        self.loops = loops_of(trace, self.rounds)
        self.loop_of = [None] * len(self.tensors)
        for loop in self.loops:
            tensors = tensors_of(loop)
            self.tensors += tensors
            self.loop_of += [loop] * len(tensors)
        self.found.tensors = len(self.tensors)
        self.returned = [tensor.name for tensor in trace.graph.outputs]

    def run(self, keep):
        """Run the step with some tensors fetched; return the new state, and what was fetched.

        That is by a tensor's name; of a loop's body by (loop's name, tensor's name), with an axis
        of rounds.
        """
        import tensorflow as tf

        outer = [self.tensors[k].name for k in keep if self.loop_of[k] is None]
        names, keys = [*self.returned, *outer], [*self.returned, *outer]
        definition, functions = self.definition, []
        for loop in self.loops:
            kept = [self.tensors[k] for k in keep if self.loop_of[k] is loop]
            if kept:
                if definition is self.definition:
                    definition = type(definition).FromString(definition.SerializeToString())
                suffix = f"_kept_{id(self)}_{self.found.compilations}"
                rounds = self.rounds[loop.name]
                fetched, changed = keep_in_lists(definition, loop, kept, rounds, suffix)
                names, functions = names + fetched, functions + changed
                keys += [(loop.name, tensor.name) for tensor in kept]
        controls = [operation.name for operation in self.trace.graph.control_outputs]

        def observed(*given):
            graph, parts, inputs = tf.compat.v1.get_default_graph(), iter(given), {}
            for name in [tensor.op.name for tensor in self.trace.graph.inputs]:
                if name in self.trace.variables:
                    inputs[name] = graph.capture(self.trace.variables[name].handle)
                elif name in self.trace.constants:
                    inputs[name] = graph.capture(self.trace.constants[name])
                else:
                    inputs[name] = next(parts)
            inputs = {name: inputs[name] for name in self.placeholders}
            found = tf.graph_util.import_graph_def(
                definition, input_map=inputs, return_elements=[*names, *controls], name="step"
            )
            with tf.control_dependencies(found[len(names) :]):
                return [tf.identity(tensor) for tensor in found[: len(names)]]

        self.found.compilations += 1
        self.states.write(self.before)
        function = tf.function(observed, autograph=False, jit_compile=self.compiled)
        with known_to_tensorflow(functions):
            fetched = function(*tf.nest.flatten(self.batch))
        return self.states.read(), dict(zip(keys, [tensor.numpy() for tensor in fetched]))

    def find_watchable(self):
        """Return the places of the tensors that can be fetched together without changing a bit."""
        good: list[int] = []

        def add(group):
            if self.found.compilations >= COMPILATIONS:
                self.found.whole = False
            elif self._same_bits(sorted([*good, *group])):
                good.extend(group)
            elif len(group) > 1:
                middle = len(group) // 2
                add(group[:middle])
                add(group[middle:])

        places = range(len(self.tensors))
        add([k for k in places if self.loop_of[k] is None])
        for loop in self.loops:
            add([k for k in places if self.loop_of[k] is loop])
        self.found.watched = len(good)
        return sorted(good)

    def _same_bits(self, keep):
        import tensorflow as tf

        try:
            after, _ = self.run(keep)
        except (tf.errors.OpError, ValueError):
            if all(self.loop_of[k] is None for k in keep):
                raise
            return False  # a loop that cannot carry lists along
        return all(a.tobytes() == b.tobytes() for a, b in zip(after, self.after))


def _without_placeholders(definition):
    """Return a graph's definition without what is given from outside, which XLA does not know."""
    nodes = [node for node in definition.node if node.op != "Placeholder"]
    del definition.node[:]
    definition.node.extend(nodes)
    return definition


def watch_step(trace, batch, states, before, after, engine, rounds=None):
    """Return the Watch of one step from one state to another, as it ran unobserved.

    rounds: name of a loop -> how often its body ran.
    The variables are left in the state ``after``.
    """
    watching = Watching(trace, batch, states, before, after, engine, rounds)
    _, values = watching.run(watching.find_watchable())
    states.write(after)
    platform, compilers = ENGINES[engine].on_cpu
    record = Record(trace, batch, states, before, after, values)
    for loop in watching.loops:
        record.enter(loop, watching.rounds[loop.name])
    for operation in in_order(trace.graph):
        if operation.name in record.inside:
            for each in record.inside[operation.name]:
                for inner in in_order(each.body):
                    _certify(each, inner, (platform,), compilers, watching.found)
        else:
            _certify(record, operation, (platform,), compilers, watching.found)
    return watching.found


class Record:
    """What is known of one step's tensors: fetched, constant, or given.

    value: of a tensor, an array or None; before and after: of a variable by its placeholder.
    """

    def __init__(self, trace, batch, states, before, after, values):
        import tensorflow as tf

        self.values = dict(values)
        self.inside: dict[str, list] = {}
        self.lists: dict[str, list] = {}
        at = {id(v): k for k, v in enumerate(states.variables)}
        self.before = {name: before[at[id(v)]] for name, v in trace.variables.items()}
        self.after = {name: after[at[id(v)]] for name, v in trace.variables.items()}
        self.writes: dict[str, int] = {}
        for operation in trace.graph.get_operations():
            if operation.type in WRITES:
                name = operation.inputs[0].op.name
                self.writes[name] = self.writes.get(name, 0) + 1
        parts = iter(tf.nest.flatten(batch))
        for tensor in trace.graph.inputs:
            name = tensor.op.name
            if name not in trace.variables:
                given = trace.constants[name] if name in trace.constants else next(parts)
                if given.dtype.name not in ("resource", "variant"):
                    self.values[tensor.name] = given.numpy()

    def enter(self, loop, rounds):
        """Take in a loop of the outer graph: a Round for each time that its body ran."""
        before = None
        for number in range(rounds):
            before = Round(self, loop, number, before)
            self.inside.setdefault(loop.name, []).append(before)

    def listed(self, tensor):
        """Return a list of tensors as what is in it: arrays, and balls of what is not known.

        Raises LookupError where it is not known what is in it.
        """
        if tensor.name not in self.lists:
            operation = tensor.op
            if operation.name in self.inside:
                last = self.inside[operation.name][-1]
                return last.listed(last.body.outputs[tensor.value_index])
            rule = RULES.get(operation.type)
            if rule is None:
                raise LookupError(f"{operation.type} gives a list, and has no rule")
            answer = OF_LISTS.get(operation.type, rule.answer)
            operands = [self.known(each) for each in operation.inputs]
            given = rule.attributes(attributes(operation))
            found = answer(*by_argument(operation, operands), **given)
            found = found if isinstance(found, tuple) else (found,)
            for output, each in zip(operation.outputs, found):
                if output.dtype.name == "variant":
                    self.lists[output.name] = each
        return self.lists[tensor.name]

    def known(self, tensor):
        """Return what is known of a tensor: a list, an array, or a ball."""
        if tensor.dtype.name == "variant":
            return self.listed(tensor)
        value = self.value(tensor)
        return self.ball(tensor, 0, Model(tensor.dtype.name)) if value is None else value

    def value(self, tensor):
        if tensor.name not in self.values and tensor.op.type == "Const":
            import tensorflow as tf

            self.values[tensor.name] = tf.make_ndarray(tensor.op.node_def.attr["value"].tensor)
        return self.values.get(tensor.name)

    def results(self, operation):
        """Return what an operation returned; of a variable that is written once its new value."""
        if operation.type in WRITES:
            name = operation.inputs[0].op.name
            return [self.after.get(name) if self.writes.get(name) == 1 else None]
        return [self.result(tensor) for tensor in operation.outputs]

    def result(self, tensor):
        """Return what is known that a tensor was: an array, a list, or None."""
        try:
            return self.listed(tensor) if tensor.dtype.name == "variant" else self.value(tensor)
        except (LookupError, TypeError, ValueError):
            return None

    def operands(self, operation, depth, model):
        """Return an operation's operands; those that are not known, or nearer than depth, as balls.

        Raises LookupError where there is no ball of one.
        """
        found = []
        for tensor in operation.inputs:
            if tensor.dtype.name == "resource":
                found.append(self.variable(tensor, operation.type in READS))
                continue
            if tensor.dtype.name == "variant":
                found.append(self.listed(tensor))
                continue
            found.append(self.ball(tensor, depth, model))
        return by_argument(operation, found)

    def variable(self, tensor, reads):
        """Return a variable's value before the step, by its handle."""
        name = tensor.op.name
        if reads and self.writes.get(name):
            raise LookupError("a variable that is written in the same step")
        return self.before[name]

    def ball(self, tensor, depth, model):
        """Return a tensor as an array, if it is known and depth is 0, or as a ball."""
        value, operation = self.value(tensor), tensor.op
        if operation.name in self.inside and value is None:
            last = self.inside[operation.name][-1]
            return last.ball(last.body.outputs[tensor.value_index], depth, model)
        given = operation.type in NOT_WATCHED or operation.type in READS
        whole = value is not None and not is_float(value)
        if value is not None and (depth == 0 or given or whole):
            return value
        rule = RULES.get(operation.type)
        if rule is None or tensor.dtype.name not in FLOATS:
            if value is None:
                raise LookupError(f"{operation.type} is not watched and has no rule")
            return value
        operands = self.operands(operation, max(depth - 1, 0), model)
        answers = over_balls(rule, operands, rule.attributes(attributes(operation)), model)
        several = isinstance(answers, tuple) or (
            isinstance(answers, list) and len(operation.outputs) > 1
        )
        return (answers if several else [answers])[tensor.value_index]


class Round(Record):
    """One run of a loop's body: its inputs are what the round before handed on.

    record: of the outer graph; loop: its operation; before: the Round before, None for the first.
    """

    def __init__(self, record, loop, number, before):
        self.outer, self.loop, self.number, self.before_it = record, loop, number, before
        self.body = body_of(loop)
        self.places = {tensor.name: k for k, tensor in enumerate(self.body.inputs)}
        self.values, self.lists, self.inside, self.writes = {}, {}, {}, {}
        self.balls: dict[tuple, object] = {}

    def _handed(self, tensor):
        """Return (record, tensor) that an input of the body is."""
        place = self.places[tensor.name]
        if self.before_it is None:
            return self.outer, self.loop.inputs[place]
        return self.before_it, self.body.outputs[place]

    def value(self, tensor):
        if tensor.name in self.places:
            record, handed = self._handed(tensor)
            return record.value(handed)
        kept = self.outer.values.get((self.loop.name, tensor.name))
        return super().value(tensor) if kept is None else kept[self.number]

    def results(self, operation):
        return [self.result(tensor) for tensor in operation.outputs]

    def variable(self, tensor, reads):
        while isinstance(self, Round):
            self, tensor = self._handed(tensor)
        return self.variable(tensor, reads)

    def listed(self, tensor):
        if tensor.name in self.places:
            record, handed = self._handed(tensor)
            return record.listed(handed)
        return super().listed(tensor)

    def ball(self, tensor, depth, model):
        if tensor.name in self.places:
            record, handed = self._handed(tensor)
            return record.ball(handed, depth, model)
        key = tensor.name, depth, model.dtype
        if key not in self.balls:
            self.balls[key] = super().ball(tensor, depth, model)
        return self.balls[key]


def _certify(record, operation, platforms, compilers, found):
    """Certify one operation of the watched step, by itself or together with those before it."""
    if operation.type in (*NOT_WATCHED, *READS, *LOOPS):
        return
    results = record.results(operation)
    inside = isinstance(record, Round)
    floats = [t for t in operation.outputs if t.dtype.is_floating]
    size = sum(int(np.prod(t.shape)) for t in floats if t.shape.is_fully_defined())
    if operation.type in WRITES and results[0] is not None and is_float(results[0]):
        size = results[0].size
    if not inside:  # what is inside of loops is counted as it was observed
        found.numbers += size
    known = [r for r in results if r is not None]
    if not any(is_float(r) for r in known) or len(known) < len(results):
        return
    if any(operation.type in DRAWN_OTHERWISE.get(compiler, ()) for compiler in compilers):
        found.without[operation.type] = found.without.get(operation.type, 0) + 1
        return
    last = "no rule"
    for depth in range(DEEPEST + 1):
        model = Model(_dtype(known), platforms, compilers)
        try:
            operands = record.operands(operation, depth, model)
        except (LookupError, TypeError, ValueError) as error:
            last = str(error)
            break
        execution = Execution(operation, operation, operands, results)
        finding = certify_operation(execution, attributes, model=model)
        if finding.without:
            last = finding.without
            break
        if not finding.outside:
            found.checked += finding.checked
            found.looked_into += finding.checked if inside else 0
            found.pieces += depth > 0 or any(isinstance(o, RoundingArray) for o in operands)
            return
        last = f"{finding.outside.usage:.3g} radii off"
    else:
        found.unexplained.append((operation.name, last))
        return
    found.without[operation.type] = found.without.get(operation.type, 0) + 1


def _dtype(results):
    names = {r.dtype.name for r in results if is_float(r)}
    return next((name for name in FLOATS if name in names), FLOATS[0])
