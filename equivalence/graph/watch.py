"""The step as it runs when nobody looks, watched without changing it.

Whoever fetches every tensor of a graph keeps the compiler from fusing and reordering, and runs
another program.  But nearly all tensors can be fetched with the new weights and slots keeping
every bit: ``graph.watchable`` looks for them.  What is fetched so is certified operation by
operation, from what was fetched; what lies between is a ball, and covered where all that is made
of it is certified from that ball.
"""

from dataclasses import dataclass, field

import numpy as np

from equivalence.arithmetic.rounding import Model, RoundingArray
from equivalence.engines.table import ENGINES
from equivalence.graph import fusions
from equivalence.graph.blame import handed_on, last_writes, lay_blame, operations_before
from equivalence.graph.certificate import FLOATS, certify_operation, is_float, over_balls
from equivalence.graph.compiled import enclose, rules_of
from equivalence.graph.inside import (
    body_of,
    keep_beside,
    keep_in_lists,
    known_to_tensorflow,
    parts_of,
    tensors_of,
)
from equivalence.graph.lists import content_of
from equivalence.graph.replay import (
    FUNCTIONS,
    LOOPS,
    READS,
    WRITES,
    Execution,
    attributes,
    by_argument,
    in_order,
    operations_behind,
)
from equivalence.graph.rules import RULES
from equivalence.graph.watchable import Memory, Search
from equivalence.judge.certificate import usage

# How often a step may be compiled to find out what can be watched.
COMPILATIONS = 40
# How many operations are taken together where a compiler may have rewritten them.
DEEPEST = 3
NOT_WATCHED = ("Placeholder", "Const", "NoOp")
UNCOUNTED = (*NOT_WATCHED, *READS, *LOOPS, *FUNCTIONS)


@dataclass
class Watch:
    """What was watched of one step as it runs unobserved.

    tensors: how many there are; watched: of how many the fetching changes no bit.
    compilations: how often the step was compiled for that; whole: whether the search ended by
        itself.
    alike: whether the step keeps its bits where nothing is fetched, by itself as a graph.
    numbers: how many floats the operations return; inside: how many of these lie inside of loops,
        branches and functions and were not seen; looked_into: how many of these were;
        checked: how many are watched and certified; enclosed: how many are not watched, and all
        that is made of them is certified from their balls.
    pieces: how many operations were certified only together with those before them.
    sharp_to: the smallest relative error that would have been found, of the least sharp operation.
    fused: kind -> how many tensors of it cannot be fetched.
    unexplained: (operation, why) of what lies outside with DEEPEST operations taken together: a
        compiler may have taken more of them together than that.
    without: kind -> how many operations returned watched floats and have no certificate.
    """

    tensors: int = 0
    watched: int = 0
    compilations: int = 0
    whole: bool = True
    alike: bool = True
    numbers: int = 0
    inside: int = 0
    looked_into: int = 0
    checked: int = 0
    enclosed: int = 0
    pieces: int = 0
    sharp_to: float | None = None
    fused: dict = field(default_factory=dict)
    unexplained: list = field(default_factory=list)
    without: dict = field(default_factory=dict)

    @property
    def covered(self):
        """The share of the step's numbers that are certified, or enclosed between such."""
        return (self.checked + self.enclosed) / max(self.numbers, 1)


class Watching:
    """One step of one batch, from one state to another, as an engine runs it unobserved."""

    def __init__(self, trace, batch, states, before, after, engine, rounds=None, entered=None):
        self.trace, self.batch, self.states = trace, batch, states
        self.rounds, self.entered = rounds or {}, entered or {}
        self.before, self.after = before, after
        self.engine, self.compiled = engine, engine == "xla"
        self.values, self._between = {}, {}
        self._before, self._writes, self._changed = None, {}, ({}, [])
        self._alone = self._beside = None
        self.found = Watch()
        self.definition = _without_placeholders(trace.graph.as_graph_def())
        used = {
            name.lstrip("^").partition(":")[0] for n in self.definition.node for name in n.input
        }
        self.placeholders = [t.op.name for t in trace.graph.inputs if t.op.name in used]
        # What nothing of the step hangs on is not run by who runs the step.
        ends = [tensor.op for tensor in trace.graph.outputs] + trace.graph.control_outputs
        self.program = operations_behind(ends)
        self.tensors = [
            tensor
            for operation in in_order(trace.graph)
            for tensor in operation.outputs
            if operation.name in self.program
            and operation.type not in NOT_WATCHED
            and tensor.dtype.name not in ("resource", "variant")
        ]
        # Tensors of bodies, of loops and of what is called, stand behind those of the outer graph.
        self.parts = [
            part for part in parts_of(trace, self.rounds, self.entered) if part.name in self.program
        ]
        self.part_of = [None] * len(self.tensors)
        for part in self.parts:
            tensors = tensors_of(body_of(part, self.entered))
            self.tensors += tensors
            self.part_of += [part] * len(tensors)
        self.found.tensors = len(self.tensors)
        self.returned = [tensor.name for tensor in trace.graph.outputs]

    def run(self, keep):
        """Run the step with some tensors fetched; return the new state, and what was fetched.

        That is by a tensor's name; inside of a part by (the part's name, the tensor's name), of a
        loop with an axis of rounds.
        """
        import tensorflow as tf

        function, keys, functions = self._compiled(keep)
        self.states.write(self.before)
        given = tf.nest.flatten(self.batch)
        with known_to_tensorflow(functions):
            fetched = function.get_concrete_function(*given)(*given)
        return self.states.read(), dict(zip(keys, [tensor.numpy() for tensor in fetched]))

    def _compiled(self, keep):
        """Return (function, keys, functions): what fetches tensors, and what has to be known."""
        import tensorflow as tf

        outer = [self.tensors[k].name for k in keep if self.part_of[k] is None]
        names, keys = [*self.returned, *outer], [*self.returned, *outer]
        definition, functions = self.definition, []
        for part in self.parts:
            kept = [self.tensors[k] for k in keep if self.part_of[k] is part]
            if kept:
                if definition is self.definition:
                    definition = type(definition).FromString(definition.SerializeToString())
                suffix = f"_kept_{id(self)}_{self.found.compilations}_{len(functions)}"
                if part.type in LOOPS:
                    rounds = self.rounds[part.name]
                    fetched, changed = keep_in_lists(definition, part, kept, rounds, suffix)
                else:
                    taken = self.entered[part.name]
                    fetched, changed = keep_beside(definition, part, taken, kept, suffix)
                names, functions = names + fetched, functions + changed
                keys += [(part.name, tensor.name) for tensor in kept]
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
            # One operation waits for all writes, and each tensor for that one: a graph of a few
            # thousand tensors would else have millions of edges, and take gigabytes.
            with tf.control_dependencies([tf.group(*found[len(names) :])]):
                return [tf.identity(tensor) for tensor in found[: len(names)]]

        self.found.compilations += 1
        function = tf.function(observed, autograph=False, jit_compile=self.compiled)
        return function, keys, functions

    def find_watchable(self, memory):
        """Fetch what can be fetched together without changing a bit, which ``values`` has then.

        memory: a Memory of what could not be the last time.
        """
        places = range(len(self.tensors))
        facts = self._same_bits, self._like, COMPILATIONS, self._part, self._blame
        search = Search(*facts, self._program, self._compare)
        # Names count how many layers of a kind there were before; what is there does not.
        model = [self.engine, *(f"{self._like(k)} {self.tensors[k].shape}" for k in places)]
        without, search.whole = memory.model(model) or (None, True)
        remembered = sorted({*places} - {*(without or ())})
        if without is None or not search.keeps(remembered):
            search.whole = True
            self._search(search, places, memory.kinds(self.engine))
        self.good = good = set(search.good)
        apart = [k for k in places if k not in good]
        if self.found.alike:
            memory.keep(model, apart, search.whole, self.engine, search.fused)
        for k in apart:
            kind = self.tensors[k].op.type
            self.found.fused[kind] = self.found.fused.get(kind, 0) + 1
        self.found.watched, self.found.whole = len(good), search.whole

    def _search(self, search, places, known):
        apart = search.find(places, known)
        self.found.alike = search.alike
        if search.alike:
            search.try_again([k for k in apart if not self._is_enclosed(k, search.good)])

    def _is_enclosed(self, place, good):
        """Say whether a tensor may be covered though it is not fetched, by what is."""
        graph = self.tensors[place].graph
        if self._between.get("good") != good:
            self._between = {"good": list(good)}
        if graph not in self._between:
            names = {self.tensors[k].name for k in good if self.tensors[k].graph is graph}
            names |= set(self.returned)
            # What writes a variable is held by what the variable has then.
            sure = {
                operation.name
                for operation in graph.get_operations()
                if operation.type in WRITES or _all_are(operation.outputs, names)
            }
            self._between[graph] = enclosed_between(graph, sure, self.program)
        return self.tensors[place].op.name in self._between[graph]

    def _like(self, place):
        """Return what tensors have in common that a compiler fuses: their kind and what follows."""
        tensor = self.tensors[place]
        follow = sorted({each.type for each in tensor.consumers()})
        return f"{tensor.op.type}:{tensor.value_index} > {', '.join(follow)}"

    def _part(self, place):
        part = self.part_of[place]
        return part and part.name

    def _same_bits(self, keep):
        import tensorflow as tf

        try:
            after, values = self.run(keep)
        except (tf.errors.OpError, ValueError):
            if all(self.part_of[k] is None for k in keep):
                raise
            self._changed = {}, []
            return False  # as of a loop that cannot carry lists along
        same = [a.tobytes() == b.tobytes() for a, b in zip(after, self.after)]
        if all(same):
            self.values = values
        else:
            self._changed = values, same
        return all(same)

    def _all_before(self):
        """Return ``operations_before`` of the step."""
        if self._before is None:
            self._before = operations_before(self.trace, self.parts, self.entered)
        return self._before

    def _blame(self, places):
        """Return the places of those that were fetched last to which what changed may be laid."""
        values, same_states = self._changed
        if not self._writes:
            self._writes = last_writes(self.trace, self.states.variables)
        same, other = set(), set()
        for number, is_same in enumerate(same_states):
            if number in self._writes:
                (same if is_same else other).add((None, self._writes[number]))
        for place, tensor in enumerate(self.tensors):
            part, name = self._part(place), tensor.name
            key = name if part is None else (part, name)
            if key in values and key in self.values:
                is_same = values[key].tobytes() == self.values[key].tobytes()
                (same if is_same else other).add((part, tensor.op.name))
        if not other:
            return set()
        fetched = {(self._part(p), self.tensors[p].op.name) for p in places}
        blamed = lay_blame(self._all_before(), same - other, other, fetched)
        return {p for p in places if (self._part(p), self.tensors[p].op.name) in blamed}

    def _program(self):
        """Return (places in memory, places that may change a bit) of XLA's program."""
        self._alone = self._program_with([])
        if self._alone is None:
            return None
        kept, changing = set(), set()
        for place, tensor in enumerate(self.tensors):
            name = self._in_program(place)
            if name in self._alone.kept:
                kept.add(place)
            if self._alone.may_change(tensor.op.type, name):
                changing.add(place)
        return kept, changing

    def _program_with(self, keep):
        """Return the Program that XLA makes of the step with some tensors fetched, or None."""
        import tensorflow as tf

        if not self.compiled:
            return None
        function, _, functions = self._compiled(keep)
        given = tf.nest.flatten(self.batch)
        try:
            with known_to_tensorflow(functions):
                text = function.experimental_get_compiler_ir(*given)(stage="optimized_hlo")
        except (tf.errors.OpError, ValueError, TypeError, NotImplementedError):
            return None
        return fusions.read(text)

    def _in_program(self, place):
        """Return the name of a tensor's operation in XLA's program."""
        name = self.tensors[place].op.name
        return name if self._part(place) else f"step/{name}"

    def _compare(self, places):
        """Return those of places, fetched together, by which XLA rounds otherwise."""
        program = self._program_with(places)
        if program is None:
            return set()
        fetched = {}
        for place in places:
            fetched.setdefault(self._in_program(place), set()).add(place)
        blamed = set()
        for way in self._alone.lost_in(program):
            names = self._with_vanished(way.operations) & set(fetched)
            names = names or self._with_vanished(way.around) & set(fetched)
            blamed |= set().union(*(fetched[name] for name in names))
        return blamed

    def _with_vanished(self, names):
        """Return names in XLA's program with those of operations that became one with them."""
        if self._beside is None:
            self._beside = {}
            graphs = [self.trace.graph, *(body_of(part, self.entered) for part in self.parts)]
            for graph in graphs:
                for one, other in handed_on(graph):
                    if graph is self.trace.graph:
                        one, other = f"step/{one}", f"step/{other}"
                    self._beside.setdefault(one, set()).add(other)
                    self._beside.setdefault(other, set()).add(one)
        found, waiting = set(names), [*names]
        while waiting:
            beside = self._beside.get(waiting.pop(), set()) - found
            beside = {each for each in beside if each not in self._alone.opcodes}
            found |= beside
            waiting += beside
        return found


def _without_placeholders(definition):
    """Return a graph's definition without what is given from outside, which XLA does not know.

    Nor does it say any more what lies beside what: that may be something that is left out.
    """
    nodes = [node for node in definition.node if node.op != "Placeholder"]
    del definition.node[:]
    definition.node.extend(nodes)
    for node in definition.node:
        node.attr.pop("_class", None)
    return definition


def watch_step(
    trace, batch, states, before, after, engine, rounds=None, entered=None, numbers=None
):
    """Return the Watch of one step from one state to another, as it ran unobserved.

    rounds: name of a loop -> how often its body ran; entered: of a branch or call -> the function
        that it took.
    numbers: name of an operation, of one inside of another "place: name" -> how many floats it
        returned in all.
    The variables are left in the state ``after``.
    """
    watching = Watching(trace, batch, states, before, after, engine, rounds, entered)
    watching.find_watchable(Memory())
    states.write(after)
    found, program, numbers = watching.found, watching.program, numbers or {}
    for name, count in numbers.items():
        place, inner, last = name.rpartition(": ")
        if (place or last) in program:
            found.numbers += count
            found.inside += count if inner else 0
    if not found.alike:
        return found
    platform, compilers = ENGINES[engine].on_cpu
    record = Record(trace, batch, states, before, after, watching.values)
    for part in watching.parts:
        body = body_of(part, watching.entered)
        if part.type in LOOPS:
            record.enter(part, body, watching.rounds[part.name])
        else:
            record.inside[part.name] = [Called(record, part, body)]
    for operation in in_order(trace.graph):
        if operation.name in record.inside:
            for each in record.inside[operation.name]:
                for inner in in_order(each.body):
                    _certify(each, inner, (platform,), compilers, found)
        elif operation.name in program:
            _certify(record, operation, (platform,), compilers, found)
    for writes in record.writes.values():
        if writes[-1].name in record.sure:
            record.enclosed |= {write.name for write in writes[:-1]}
    record.enclosed |= enclosed_between(
        trace.graph, record.sure | record.enclosed, program, record.seen
    )
    found.enclosed += sum(numbers.get(name, 0) for name in record.enclosed)
    for each in (each for rounds_of in record.inside.values() for each in rounds_of):
        handed_on = {tensor.op.name for tensor in each.body.outputs}
        for name in enclosed_between(each.body, each.sure, None, each.seen) - handed_on:
            outputs = each.body.get_operation_by_name(name).outputs
            size = sum(int(np.prod(t.shape)) for t in outputs if t.shape.is_fully_defined())
            found.enclosed += size
            found.looked_into += size
    found.inside -= found.looked_into
    return found


def enclosed_between(graph, sure, program=None, seen=()):
    """Return the names of the operations of whose results all that is made is certified.

    sure: the names of those that are certified, from the balls of what could not be fetched.
    program: the names of those that run, None for all.
    seen: the names of those whose results were fetched, so that nothing made balls of them.
    """
    found = set()
    for operation in reversed(in_order(graph)):
        floats = [tensor for tensor in operation.outputs if tensor.dtype.is_floating]
        apart = operation.name in sure or operation.name in seen
        if apart or not floats or operation.type not in RULES:
            continue
        if operation.type in UNCOUNTED or (program is not None and operation.name not in program):
            continue
        users = {o.name: o for tensor in operation.outputs for o in tensor.consumers()}
        users = {
            name
            for name, user in users.items()
            if (program is None or name in program)
            and (user.type in WRITES or any(tensor.dtype.is_floating for tensor in user.outputs))
        }
        if users and users <= sure | found:
            found.add(operation.name)
    return found


def _all_are(tensors, names):
    return bool(tensors) and all(tensor.name in names for tensor in tensors)


class Record:
    """What is known of one step's tensors: fetched, constant, or given.

    value: of a tensor, an array or None; before and after: of a variable by its placeholder.
    sure: the names of the operations that were certified, enclosed: of those between them, seen:
        of all whose results were fetched.
    """

    def __init__(self, trace, batch, states, before, after, values):
        import tensorflow as tf

        self.values, self.sure, self.enclosed, self.seen = dict(values), set(), set(), set()
        self.inside: dict[str, list] = {}
        self.lists: dict[str, list] = {}
        at = {id(v): k for k, v in enumerate(states.variables)}
        self.before = {name: before[at[id(v)]] for name, v in trace.variables.items()}
        self.after = {name: after[at[id(v)]] for name, v in trace.variables.items()}
        self.writes: dict[str, list] = {}
        self.written_in: dict[str, list] = {}  # name of a variable -> what of ``inside`` writes it
        for operation in in_order(trace.graph):
            if operation.type in WRITES:
                self.writes.setdefault(operation.inputs[0].op.name, []).append(operation)
        parts = iter(tf.nest.flatten(batch))
        for tensor in trace.graph.inputs:
            name = tensor.op.name
            if name not in trace.variables:
                given = trace.constants[name] if name in trace.constants else next(parts)
                if given.dtype.name not in ("resource", "variant"):
                    self.values[tensor.name] = given.numpy()

    def enter(self, loop, body, rounds):
        """Take in a loop of the outer graph: a Round for each time that its body ran."""
        before = None
        for number in range(rounds):
            before = Round(self, loop, body, number, before)
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
            operands = [self.known(each) for each in operation.inputs]
            given = by_argument(operation, operands)
            found = content_of(operation.type, rule, given, attributes(operation))
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
        """Return what an operation returned; of the last that writes a variable its new value."""
        if operation.type in WRITES:
            name = operation.inputs[0].op.name
            is_last = self.writes.get(name, [None])[-1] is operation
            return [self.after.get(name) if is_last else None]
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
                found.append(self.written(operation, depth, model))
                continue
            if tensor.dtype.name == "variant":
                found.append(self.listed(tensor))
                continue
            found.append(self.ball(tensor, depth, model))
        return by_argument(operation, found)

    def written(self, operation, depth, model):
        """Return the value of a variable that an operation finds, a ball behind another write."""
        handle, writes = operation.inputs[0], self.writes.get(operation.inputs[0].op.name, [])
        at = next((k for k, write in enumerate(writes) if write is operation), 0)
        if at == 0:
            return self.variable(handle, operation.type in READS)
        before, rule = writes[at - 1], RULES[writes[at - 1].type]
        operands = self.operands(before, max(depth - 1, 0), model)
        return over_balls(rule, operands, rule.attributes(attributes(before)), model)

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
        rules = rules_of(operation.type, model.compilers)
        if not rules or tensor.dtype.name not in FLOATS:
            if value is None:
                raise LookupError(f"{operation.type} is not watched and has no rule")
            return value
        operands = self.operands(operation, max(depth - 1, 0), model)
        answers = enclose(rules, operands, attributes(operation), model)
        several = isinstance(answers, tuple) or (
            isinstance(answers, list) and len(operation.outputs) > 1
        )
        answer = (answers if several else [answers])[tensor.value_index]
        return answer if value is None else or_fetched(answer, value, model)


def or_fetched(answer, value, model):
    """Return balls of what an operation gives, which also hold what was fetched of it.

    A compiler computes a number once more in each kernel that takes it, and rounds it otherwise,
    as an LSTM's carry that a mask hands on: of a later operation's operands one is this number
    and another that one.
    """
    balls = answer if isinstance(answer, RoundingArray) else model.array(answer)
    outside = ~(usage(value, balls) <= 1) & np.isfinite(value) & np.isfinite(balls.rad)
    if not outside.any():
        return answer
    lows, highs = balls._ends()
    fetched = np.asarray(value, lows.dtype)
    return balls._between(
        np.where(outside, np.minimum(lows, fetched), lows),
        np.where(outside, np.maximum(highs, fetched), highs),
    )


class Round(Record):
    """One run of a loop's body: its inputs are what the round before handed on.

    record: of the outer graph; loop: its operation; body: the graph of its body; before: the Round
        before, None for the first.
    """

    def __init__(self, record, loop, body, number, before):
        self.outer, self.loop, self.number, self.before_it = record, loop, number, before
        self.body = body
        self.places = {tensor.name: k for k, tensor in enumerate(self.body.inputs)}
        self.values, self.lists, self.inside, self.writes = {}, {}, {}, {}
        self.sure, self.seen = set(), set()
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


class Called(Round):
    """The run of a function that is called, or of the branch that was taken."""

    def __init__(self, record, operation, body):
        super().__init__(record, operation, body, None, None)
        self.first = len(operation.inputs) - len(body.inputs)  # behind a condition
        for each in in_order(body):
            if each.type in WRITES:
                self.writes.setdefault(each.inputs[0].op.name, []).append(each)
        for name in self.writes:
            record.written_in.setdefault(self._variable_of(name), []).append(self)

    def _variable_of(self, name):
        """Return the name in the outer graph of a variable that the function writes."""
        return self.loop.inputs[self.first + self.places[f"{name}:0"]].op.name

    def results(self, operation):
        if operation.type not in WRITES:
            return super().results(operation)
        name = operation.inputs[0].op.name
        outer = self._variable_of(name)
        alone = outer not in self.outer.writes and self.outer.written_in[outer] == [self]
        is_last = self.writes[name][-1] is operation
        return [self.outer.after.get(outer) if alone and is_last else None]

    def _handed(self, tensor):
        return self.outer, self.loop.inputs[self.first + self.places[tensor.name]]

    def value(self, tensor):
        if tensor.name in self.places:
            return super().value(tensor)
        kept = self.outer.values.get((self.loop.name, tensor.name))
        return Record.value(self, tensor) if kept is None else kept


def _certify(record, operation, platforms, compilers, found):
    """Certify one operation of the watched step, by itself or together with those before it."""
    if operation.type in UNCOUNTED:
        return
    results = record.results(operation)
    inside = isinstance(record, Round)
    known = [r for r in results if r is not None]
    if not any(is_float(r) for r in known) or len(known) < len(results):
        return
    record.seen.add(operation.name)
    last, rules = "no rule", rules_of(operation.type, compilers)
    for depth in range(DEEPEST + 1):
        model = Model(_dtype(known), platforms, compilers)
        try:
            operands = record.operands(operation, depth, model)
        except (LookupError, TypeError, ValueError) as error:
            last = str(error)
            break
        execution = Execution(operation, operation, operands, results)
        for rule in rules or [None]:
            finding = certify_operation(execution, attributes, model=model, rule=rule)
            if not finding.outside:
                break
        if finding.without:
            last = finding.without
            break
        if not finding.outside:
            record.sure.add(operation.name)
            if finding.sharp_to is not None:
                found.sharp_to = max(found.sharp_to or 0.0, finding.sharp_to)
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
