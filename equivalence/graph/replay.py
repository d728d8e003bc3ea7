"""A traced step run operation by operation, each by the kernel that eager execution calls.

Every operation gets the tensors that the ones before it returned, so that what is recorded is
what was used.  Functions, branches and loops are entered: a loop's body is run as often as
it runs, and each of its operations is seen each time.  Variables are read and written in
the order of the graph's control edges, which is that of creation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from equivalence.graph.lists import content_of
from equivalence.graph.rules import RULES

CALLS = ("PartitionedCall", "StatefulPartitionedCall")
LOOPS = ("While", "StatelessWhile")
BRANCHES = ("If", "StatelessIf")
CASES = ("Case", "StatelessCase")
# What runs a function once; branches and cases take the condition before its inputs.
FUNCTIONS = (*CALLS, *BRANCHES, *CASES)
# What reads or writes a variable: its value before is the first operand, after it the result.
WRITES = (
    "AssignVariableOp",
    "AssignAddVariableOp",
    "AssignSubVariableOp",
    "ResourceScatterAdd",
    "ResourceScatterSub",
    "ResourceScatterUpdate",
    "ResourceScatterNdAdd",
    "ResourceScatterNdSub",
    "ResourceScatterNdUpdate",
)
# Types of tensors of which only kernels know what is in them.
HANDLES = ("resource", "variant")
READS = ("ReadVariableOp", "ResourceGather", "ResourceGatherNd", "VariableShape")


@dataclass(frozen=True)
class Execution:
    """One operation as it was run.

    operation: of the graph, ``tf.Operation``.
    place: the operation of the outer graph inside of which it ran, itself outside of loops.
    operands: NumPy arrays by the operation's arguments, a list for an argument of many;
        of a variable its value.
    results: NumPy arrays; of a variable that is written its new value.
    """

    operation: Any
    place: Any
    operands: list
    results: list


class Interpreter:
    """Runs a Trace operation by operation; a subclass says what each of them does.

    rounds: name of a loop of the outer graph -> how often its body ran.
    entered: name of a branch or call of the outer graph -> the function that it took.
    """

    def __init__(self, trace):
        self.trace = trace
        self.rounds: dict[str, int] = {}
        self.entered: dict[str, str] = {}

    def given(self, batch):
        """Return what the placeholders of the trace's graph are, by name, for one batch."""
        import tensorflow as tf

        values, parts = {}, iter(tf.nest.flatten(batch))
        for placeholder in self.trace.graph.inputs:
            name = placeholder.op.name
            if name in self.trace.variables:
                values[placeholder.name] = self.variable(name)
            else:
                captured = name in self.trace.constants
                part = self.trace.constants[name] if captured else next(parts)
                values[placeholder.name] = self.number(part)
        return values

    def variable(self, name):
        """Return what stands for a variable, by the name of its placeholder."""
        return self.trace.variables[name].handle

    def number(self, tensor):
        """Return what stands for a tensor from outside."""
        return tensor

    def truth(self, value):
        """Return a condition as a bool."""
        return bool(value.numpy())

    def whole(self, value):
        """Return a whole number as an int."""
        return int(value.numpy())

    def compute(self, operation, inputs, place):
        """Return an operation's outputs; place: the outer graph's operation that it is in."""
        raise NotImplementedError

    def run_graph(self, graph, values, place=None, only=None, kept=()):
        """Run a graph's operations in order; return its outputs.

        values: of its placeholders, by name; the others are added, and let go
            behind their last use.
        only: the names of the operations that are run, None for all; nothing is returned then.
        kept: the names of the tensors that are not let go.
        """
        for operation, given, made, done in order_of(graph, only):
            inputs = [values[name] for name in given]
            outputs = self.run_operation(operation, inputs, place or operation)
            for name, value in zip(made, outputs):
                values[name] = value
                if place is None:
                    self.computed(name, value)
            del inputs, outputs
            for name in done:
                if name not in kept:
                    values.pop(name, None)
        return [] if only is not None else [values[tensor.name] for tensor in graph.outputs]

    def computed(self, name, value):
        """Take a tensor of the outer graph."""

    def run_operation(self, operation, inputs, place):
        kind = operation.type
        if kind in CALLS:
            return self._call(operation, "f", inputs, place)
        if kind in LOOPS:
            return self._loop(operation, inputs, place)
        if kind in BRANCHES:
            condition, *inputs = inputs
            branch = "then_branch" if self.truth(condition) else "else_branch"
            return self._call(operation, branch, inputs, place)
        if kind in CASES:
            which, *inputs = inputs
            names = [f.name for f in operation.node_def.attr["branches"].list.func]
            number = self.whole(which)  # one that no branch has is the last's
            taken = names[number if 0 <= number < len(names) else -1]
            self._enter(operation, place, taken)
            return self._run_function(_named(operation, taken), inputs, place)
        if kind not in RULES and operation.graph._get_function(kind):
            return self._run_function(_named(operation, kind), inputs, place)
        if kind == "Const":
            return [self.number(_constant(operation))]
        return self.compute(operation, inputs, place)

    def _enter(self, operation, place, name):
        if place is operation:
            self.entered[operation.name] = name

    def _call(self, operation, attribute, inputs, place):
        self._enter(operation, place, operation.node_def.attr[attribute].func.name)
        return self._run_function(_function(operation, attribute), inputs, place)

    def _run_function(self, graph, inputs, place):
        return self.run_graph(graph, _given(graph, inputs), place)

    def _loop(self, operation, inputs, place):
        condition, body = (_function(operation, name) for name in ("cond", "body"))
        rounds = 0
        while self.truth(self.run_graph(condition, _given(condition, inputs), place)[0]):
            inputs = self.run_graph(body, _given(body, inputs), place)
            rounds += 1
        if place is operation:
            self.rounds[operation.name] = rounds
        return inputs


class Replay(Interpreter):
    """Runs kernels; ``see`` is called with every Execution.

    skip: kinds of operations that are not run, which return nothing.
    wanted: the names of tensors of the outer graph that ``take`` is called with.
    awaited: those of operations of the outer graph in front of which ``reach`` is called.
    """

    def __init__(
        self,
        trace,
        see: Callable[[Execution], None],
        skip=(),
        wanted=(),
        take=None,
        awaited=(),
        reach=None,
    ):
        super().__init__(trace)
        self.see, self.skip = see, skip
        self.wanted, self.take = frozenset(wanted), take
        self.awaited, self.reach = frozenset(awaited), reach

    def run(self, batch):
        """Run one step; return what the step returns, flat."""
        given = self.given(batch)
        for name, value in given.items():
            self.computed(name, value)
        return self.run_graph(self.trace.graph, given)

    def computed(self, name, value):
        if name in self.wanted:
            self.take(name, _array(value))

    def run_operation(self, operation, inputs, place):
        if place is operation and operation.name in self.awaited:
            self.reach(operation.name)
        return super().run_operation(operation, inputs, place)

    def compute(self, operation, inputs, place):
        kind = operation.type
        if kind in self.skip and not operation.outputs:
            return []
        operands = [_array(tensor) for tensor in inputs]
        if kind in WRITES or kind in READS:
            operands[0] = _value_of(inputs[0])
        outputs = execute(operation, inputs)
        if kind in WRITES:
            results = [_value_of(inputs[0])]
        else:
            results = [_array(tensor) for tensor in outputs]
        grouped = by_argument(operation, operands)
        if not all(result is not None for result in results):
            _keep_lists(operation, grouped, outputs)
        if any(result is not None for result in results):
            self.see(Execution(operation, place, grouped, results))
        return outputs


def in_order(graph):
    """Return a graph's operations, each behind those that it waits for, else as created.

    A loop that is differentiated gets inputs that were created after it.
    """
    if hasattr(graph, "_equivalence_order"):
        return graph._equivalence_order
    order, seen = [], set()
    for last in graph.get_operations():
        waiting = [last]
        while waiting:
            operation = waiting[-1]
            if operation.name in seen:
                waiting.pop()
                continue
            before = [tensor.op for tensor in operation.inputs] + list(operation.control_inputs)
            missing = [other for other in before if other.name not in seen]
            if missing:
                waiting += reversed(missing)
            else:
                seen.add(waiting.pop().name)
                order.append(operation)
    graph._equivalence_order = order
    return order


def order_of(graph, only=None):
    """Return (operation, names of its inputs, of its outputs, of what it uses last) in order.

    only: the names of the operations that are run, None for all; without placeholders.
    """
    if only is None and hasattr(graph, "_equivalence_steps"):
        return graph._equivalence_steps
    last = last_used(graph, only)
    steps = [
        (operation, *_names(operation), last.get(operation.name, ()))
        for operation in in_order(graph)
        if operation.type != "Placeholder" and (only is None or operation.name in only)
    ]
    if only is None:
        graph._equivalence_steps = steps
    return steps


def _names(operation):
    """Return the names of an operation's inputs, and of its outputs."""
    if not hasattr(operation, "_equivalence_names"):
        of = lambda tensors: [tensor.name for tensor in tensors]
        operation._equivalence_names = of(operation.inputs), of(operation.outputs)
    return operation._equivalence_names


def operations_behind(ends, waiting_for=True):
    """Return the names of the operations that tensors, or operations, are computed of.

    waiting_for: and of those that these wait for.
    """
    found, waiting = set(), [getattr(end, "op", end) for end in ends]
    while waiting:
        operation = waiting.pop()
        if operation.name not in found:
            found.add(operation.name)
            waiting += [tensor.op for tensor in operation.inputs]
            waiting += operation.control_inputs if waiting_for else ()
    return found


def last_used(graph, only=None):
    """Return name of an operation -> the tensors that no later one needs, nor what called it.

    only: the names of the operations that are run, None for all.
    """
    if only is None and hasattr(graph, "_equivalence_last_used"):
        return graph._equivalence_last_used
    last = {}
    for operation in in_order(graph):
        if only is None or operation.name in only:
            taken, made = _names(operation)
            for name in (*made, *taken):
                last[name] = operation.name
    kept = {tensor.name for tensor in graph.outputs} if only is None else ()
    found: dict[str, list] = {}
    for name, operation in last.items():
        if name not in kept:
            found.setdefault(operation, []).append(name)
    if only is None:
        graph._equivalence_last_used = found
    return found


def _given(graph, inputs):
    return {placeholder.name: value for placeholder, value in zip(graph.inputs, inputs)}


def _function(operation, attribute):
    return _named(operation, operation.node_def.attr[attribute].func.name)


def _named(operation, name):
    """Return the graph of a function that an operation calls."""
    from tensorflow.python.framework.function_def_to_graph import function_def_to_graph

    found = _known(operation, name)
    if not hasattr(found, "graph"):  # one that was not traced by tf.function
        with operation.graph.as_default():
            found.graph = function_def_to_graph(found.definition, include_library_functions=True)
    return found.graph


def _known(operation, name):
    """Return a function as the graph of an operation knows it, or one around that."""
    graph = operation.graph
    while graph is not None:
        found = graph._get_function(name)
        if found is not None:
            return found
        graph = getattr(graph, "outer_graph", None)
    raise LookupError(f"the function {name} of {operation.name}")


def _constant(operation):
    import tensorflow as tf

    if not hasattr(operation, "_equivalence_value"):
        value = tf.make_ndarray(operation.node_def.attr["value"].tensor)
        operation._equivalence_value = tf.constant(value, operation.outputs[0].dtype)
    return operation._equivalence_value


def _value_of(handle):
    """Return a variable's value, as of now."""
    import tensorflow as tf

    (dtype,) = (t.dtype for t in handle._handle_data.shape_and_type)
    return _array(tf.raw_ops.ReadVariableOp(resource=handle, dtype=tf.as_dtype(dtype)))


def _array(tensor):
    """Return a tensor as an array, a list of tensors as the list it is; None for a handle.

    The array is the tensor's own memory, which no kernel writes to as long as somebody has it.
    """
    array = getattr(tensor, "_equivalence_array", None)
    if array is None:
        name = tensor.dtype.name
        if name in HANDLES:
            return getattr(tensor, "_equivalence_list", None)
        if name == "string":
            return tensor
        array = np.asarray(tensor._numpy())
        array.flags.writeable = False
        tensor._equivalence_array = array
    return array


def _keep_lists(operation, operands, outputs):
    """Keep beside a list of tensors, which only kernels can look into, what is in it.

    What is in one that comes out of an operation without a rule is not known.
    """
    rule = RULES.get(operation.type)
    if rule is None or any(operand is None for operand in operands):
        return
    try:
        answers = content_of(operation.type, rule, operands, attributes(operation))
    except (TypeError, ValueError, LookupError):
        return
    for tensor, answer in zip(outputs, answers):
        if isinstance(answer, list):
            tensor._equivalence_list = answer


def by_argument(operation, flat):
    """Return a flat list of operands with those of one argument in a list of their own."""
    grouped, at = [], 0
    for count in _counts(operation):
        if count is None:
            grouped.append(flat[at])
            at += 1
        else:
            grouped.append(flat[at : at + count])
            at += count
    return grouped


def _counts(operation):
    """Return how many operands each argument has that is of many; None for one that is not."""
    if not hasattr(operation, "_equivalence_counts"):
        flat, counts = _attributes(operation), []
        given = dict(zip(flat[::2], flat[1::2]))
        for argument in _definition(operation).input_arg:
            if argument.number_attr:
                counts.append(given[argument.number_attr])
            elif argument.type_list_attr:
                counts.append(len(given[argument.type_list_attr]))
            else:
                counts.append(None)
        operation._equivalence_counts = counts
    return operation._equivalence_counts


# ------------------------------------------------------------------------- kernels


def execute(operation, inputs):
    """Run one operation by its kernel; return its outputs as eager tensors."""
    from tensorflow.python.eager import context
    from tensorflow.python.eager.execute import quick_execute

    attributes = _attributes(operation)
    outputs = quick_execute(
        operation.type, len(operation.outputs), list(inputs), attributes, context.context()
    )
    return outputs or []


def _definition(operation):
    """Return what TensorFlow says of a kind, which it reads anew for each operation."""
    if operation.type not in _DEFINITIONS:
        _DEFINITIONS[operation.type] = operation.op_def
    return _DEFINITIONS[operation.type]


_DEFINITIONS: dict[str, Any] = {}


def _attributes(operation):
    """Return an operation's attributes as eager execution takes them: name, value, ..."""
    if hasattr(operation, "_equivalence_attributes"):
        return operation._equivalence_attributes
    found, given = [], operation.node_def.attr
    for declared in _definition(operation).attr:
        if declared.name in given:
            found += [declared.name, _plain(given[declared.name], declared.type)]
    operation._equivalence_attributes = tuple(found)
    return operation._equivalence_attributes


def _plain(value, kind):
    """Return an attribute's value as a number, text, type or shape, or a list of them."""
    if kind.startswith("list("):
        inner = kind[5:-1]
        field = {"string": "s", "int": "i", "float": "f", "bool": "b"}.get(inner, inner)
        values = getattr(value.list, field)
        return [_shape(v) for v in values] if inner == "shape" else list(values)
    if kind == "shape":
        return _shape(value.shape)
    if kind == "func":
        return value.func.name
    if kind == "tensor":
        return value.tensor
    field = {"string": "s", "int": "i", "float": "f", "bool": "b"}.get(kind, kind)
    return getattr(value, field)


def _shape(proto):
    return None if proto.unknown_rank else [dim.size for dim in proto.dim]


def attributes(operation):
    """Return an operation's attributes by name, as the rules take them: types are NumPy's."""
    import tensorflow as tf

    if hasattr(operation, "_equivalence_named"):
        return operation._equivalence_named
    flat = _attributes(operation)
    found = dict(zip(flat[::2], flat[1::2]))
    for declared in _definition(operation).attr:
        value = found.get(declared.name)
        if isinstance(value, bytes):
            found[declared.name] = value.decode()
        elif declared.type == "type" and value is not None:
            dtype = tf.as_dtype(value)
            numpy = dtype.is_floating or dtype.is_integer or dtype.is_bool or dtype.is_complex
            found[declared.name] = dtype.as_numpy_dtype if numpy else dtype
    operation._equivalence_named = found
    return found
