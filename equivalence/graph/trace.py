"""The operations of a traced step, each with the layer and the line that it comes from.

``tf.function`` records the step as the model runs it: forward pass, loss, the gradients
that TensorFlow makes of them, the optimizer, the metrics.  Operations are created in the
order in which Python ran, so that those created inside a layer's call are the layer's; a
gradient's carries the scope of the operation that it is of; an optimizer's leads to the
variable that is assigned at its end.
"""

import os
import sys
import sysconfig
import traceback
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass, field
from functools import cache, cached_property
from types import SimpleNamespace
from typing import Any

from equivalence.errors import BadInput
from equivalence.graph.remarks import differs_in_training, find_lost_masks, find_remarks
from equivalence.graph.replay import READS, in_order, operations_behind

GRADIENTS = "gradient_tape/"
ASSIGNMENTS = ("AssignVariableOp", "AssignSubVariableOp", "AssignAddVariableOp")
LOSS = "compile_loss"
# What carries tangents forward asks tapes of its own, in functions that it keeps from then on.
FORWARD = "tensorflow.python.eager.forwardprop"


@dataclass(frozen=True)
class Origin:
    """Where an operation comes from.

    layer: its name; that of the optimizer, "loss", or "step" for what is in none.
    about: of an optimizer's operations the variable that they update.
    line: file:number, of the user's own code where there is any, else of Keras's.
    """

    layer: str
    about: str = ""
    line: str = ""


# How a layer of several inputs calls them, where they are given by name.
INPUTS = ("query", "value", "key")


@dataclass(frozen=True)
class Span:
    """Operations that were created inside of a call which is noted.

    depth: how many frames of the stack are those of the call and of what led to it.
    """

    graph: Any
    before: int
    after: int
    depth: int


@dataclass(frozen=True)
class LayerCall:
    """A call of a layer: between which operations of a graph, and of what.

    inputs: a tensor of the graph, or a tuple of several; None of what is no tensor.
    outputs: the tensors of the graph that it returned, () where they are others; mask: of the
        inputs; loses_mask: whether they have one that Keras does without.
    training: whether it is not called for inference.
    mode: what it was told of that, itself or through what called it; None where nobody said.
    line: of what called it as in inference, where it does otherwise in training, or without its
        mask.
    given, options: what it was called with, by place and by name; made: what it returned.
    turn, last: its number among all calls as they began, and that of the last one inside of it.
    """

    layer: Any
    graph: Any
    before: int
    after: int
    inputs: Any = None
    outputs: tuple = ()
    mask: Any = None
    training: bool = True
    mode: Any = None
    line: str = ""
    given: tuple = ()
    options: dict = field(default_factory=dict)
    made: Any = None
    loses_mask: bool = False
    turn: int = 0
    last: int = 0

    @property
    def name(self):
        return self.layer.name

    def makes(self, other):
        """Say whether another call is made by this one, in the same graph or in one inside."""
        return self.turn < other.turn <= self.last

    @property
    def more(self):
        """What it was called with by name besides its inputs and their mask."""
        first = [] if self.given else list(self.options)[:1]
        return {
            name: value
            for name, value in self.options.items()
            if value is not None and name not in ("mask", *INPUTS, *first)
        }


@dataclass(frozen=True)
class LossCall:
    """A call of a loss, and its result; weights: of its samples; mask: of its outputs, or None."""

    loss: Any
    graph: Any
    targets: Any
    outputs: Any
    result: Any
    weights: Any = None
    mask: Any = None

    @property
    def name(self):
        return self.loss.name


@dataclass(frozen=True)
class Update:
    """A call of an optimizer's ``apply``: between which operations of a graph, and of what."""

    optimizer: Any
    graph: Any
    before: int
    after: int
    gradients: list
    variables: list

    @property
    def name(self):
        return self.optimizer.name


@dataclass(frozen=True)
class OwnGradient:
    """A ``tf.custom_gradient`` that a tape went back through, or a kind in whose place it stands.

    name: of the operation at its end; kind: of it, "" for a ``tf.custom_gradient``.
    given: (an output, what flows back to it); returned: (an input, what its gradient says that
        flows back to that).
    """

    name: str
    given: list
    returned: list
    kind: str = ""


# Kinds that are steps, and whose gradient goes through them as if they were none.
STRAIGHT_THROUGH = (
    "FakeQuantWithMinMaxArgs",
    "FakeQuantWithMinMaxVars",
    "FakeQuantWithMinMaxVarsPerChannel",
)


@dataclass(frozen=True)
class Differentiation:
    """What a tape was asked for: gradients of the sum of targets by sources.

    sources: what was asked for, variables or tensors; gradients: tensors, IndexedSlices or None.
    plain: whether nothing was asked beyond that, as other gradients of the targets.
    flows: name of a layer's output -> the gradient of it.
    own: the OwnGradients on the way.
    """

    targets: list
    sources: list
    gradients: list
    plain: bool
    flows: dict = field(default_factory=dict)
    own: list = field(default_factory=list)

    @cached_property
    def behind(self):
        """The names of the operations of which the targets are computed."""
        targets = [target for target in self.targets if hasattr(target, "graph")]
        return operations_behind(targets, waiting_for=False)


@dataclass
class Trace:
    """A traced step.

    concrete: the ConcreteFunction.
    origins: of the outer graph's operations, by name.
    variables: name of a captured placeholder -> the tf.Variable behind it.
    constants: name of a captured placeholder -> the tensor behind it.
    differentiations: what the step's tapes were asked for.
    remarks: what is worth saying beside the numbers (``remarks``).
    calls, losses, updates: of layers, losses and optimizers.
    drawn_by_kernels: (name of an operation without a rule, which time) -> what it gave where the
        gradients are proved, as of a generator or of Python.
    """

    concrete: Any
    origins: dict
    variables: dict
    constants: dict = field(default_factory=dict)
    differentiations: list = field(default_factory=list)
    remarks: list = field(default_factory=list)
    calls: list = field(default_factory=list)
    losses: list = field(default_factory=list)
    updates: list = field(default_factory=list)
    drawn_by_kernels: dict = field(default_factory=dict)

    def placeholder_of(self, variable):
        """Return the name of the placeholder of a variable, or None."""
        return self._placeholders.get(id(variable))

    @cached_property
    def _placeholders(self):
        """id of a variable -> the name of its first placeholder."""
        return {id(other): name for name, other in reversed(self.variables.items())}

    @cached_property
    def _users(self):
        """Name of a placeholder of a variable -> (place, operation) of all that are given it."""
        users: dict[str, list] = {}
        for place, each in enumerate(self.graph.get_operations()):
            for name in {tensor.op.name for tensor in each.inputs} & self.variables.keys():
                users.setdefault(name, []).append((place, each))
        return users

    def gradient_of(self, variable, call):
        """Return (the Differentiation, the gradient) by a variable through a layer's call.

        (None, None) where several are, or none.
        """
        found = [
            (asked, gradient)
            for asked in self.differentiations
            for source, gradient in zip(asked.sources, asked.gradients)
            if getattr(source, "value", source) is variable
            and asked.plain
            and self.leads_to(call, asked)
        ]
        alone = len(found) == 1 and not hasattr(found[0][1], "indices")
        return found[0] if alone else (None, None)

    @staticmethod
    def leads_to(call, asked):
        """Say whether a tape's targets are computed of what a layer's call returned."""
        return any(tensor.op.name in asked.behind for tensor in call.outputs)

    def ways_around(self, variable, call, asked):
        """Return the ways of a variable's reads to a tape's targets around a call's output.

        So they lead by a penalty, by logits that a loss finds behind an output, by another gradient
        that is differentiated in turn.  Each is a list of operations.
        """
        inside = {each.name for each in self.graph.get_operations()[call.before : call.after]}
        ways = [
            _way_around(each, inside, {o.op.name for o in call.outputs}, asked.behind)
            for _, each in self._users.get(self.placeholder_of(variable), ())
        ]
        return [way for way in ways if way]

    def is_written(self, variables, start=0, stop=None):
        """Say whether one of some variables may be written, from one place in the graph to another.

        A place is a number of operations, in the order in which they were created.
        """
        return any(
            start <= place and (stop is None or place < stop)
            for variable in variables
            for place, _ in self._writers(variable)
        )

    def _writers(self, variable):
        """Return (place, operation) of what takes a variable and does more than read it.

        So does a function, branch or loop, whatever it does inside.
        """
        users = self._users.get(self.placeholder_of(variable), ())
        return [(place, each) for place, each in users if each.type not in READS]

    def operation_at(self, place, variables):
        """Return the name of the operation in front of whose run variables are as at a place.

        None where an operation that may write them runs in another order than it was created.
        """
        behind = self.graph.get_operations()[place:]
        operation = next(each for each in behind if each.type != "Placeholder")
        turn = self._turns[operation.name]
        for variable in variables:
            for other, writer in self._writers(variable):
                if (other < place) != (self._turns[writer.name] < turn):
                    return None
        return operation.name

    @cached_property
    def _turns(self):
        """Name of an operation -> the place at which it runs."""
        return {operation.name: turn for turn, operation in enumerate(in_order(self.graph))}

    @property
    def graph(self):
        return self.concrete.graph


class NotInlined(Exception):
    """A tf.function inside of a step cannot be a part of its graph; the cause says why."""


def trace(step, batch, compiled=False):
    """Trace a TrainingStep for batches like this one.

    compiled: as for XLA, where loops say how often they run at most.

    Raises NotInlined if there is an error where the step's tf.functions were inlined, and BadInput
    where it takes a tensor of another graph, which nobody can run.
    """
    import tensorflow as tf

    calls, losses, updates, asked, printed, spans = [], [], [], [], [], []
    inlined: list = []
    with (
        functions_inlined(inlined) if step.inlines else nullcontext(),
        layers_recorded(calls, spans),
        losses_recorded(losses),
        updates_recorded(updates, spans),
        tapes_recorded(asked, calls, spans),
        prints_recorded(printed),
    ):
        options = {"autograph": step.autograph, "jit_compile": compiled or None}
        function = tf.function(step.function, **options)
        try:
            concrete = function.get_concrete_function(*batch)
        except Exception as error:
            if inlined:
                raise NotInlined from error
            raise
    graph = concrete.graph
    by_handle = {id(v.handle): v for v in graph.variables}
    variables, constants = {}, {}
    for outer, inner in graph.captures:
        if inner.dtype == tf.resource and id(outer) in by_handle:
            variables[inner.op.name] = by_handle[id(outer)]
        elif tf.is_symbolic_tensor(outer):
            raise BadInput(
                f"the step takes {outer.name!r}, which was made when it was traced before, as by a "
                "layer that is built in it, and has no value now: build that layer before"
            )
        else:
            constants[inner.op.name] = outer
    # A step that makes variables is traced twice, into two graphs.
    calls, losses, updates = (
        [each for each in noted if _is_in(each.graph, graph)] for noted in (calls, losses, updates)
    )
    asked = [
        each
        for each in asked
        if all(_is_in(getattr(target, "graph", graph), graph) for target in each.targets)
    ]
    found = origins(graph, step, calls, variables, spans)
    remarks = find_remarks(graph, found, variables, _modes(graph, calls), bool(printed), updates)
    remarks += find_lost_masks([call for call in calls if call.graph is graph])
    parts = calls, losses, updates
    return Trace(concrete, found, variables, constants, asked, remarks, *parts)


def _is_in(graph, outer):
    """Say whether a graph is this one, or of a function, loop or branch in it."""
    while graph is not None and graph is not outer:
        graph = getattr(graph, "outer_graph", None)
    return graph is outer


def _modes(graph, calls):
    """Return (layer, line) of the calls as in inference of what does otherwise in training."""
    return [
        (call.layer, call.line)
        for call in calls
        if call.graph is graph
        and call.mode is not True
        and not hasattr(call.mode, "graph")
        and differs_in_training(call.layer)
    ]


@contextmanager
def layers_recorded(calls, spans):
    """Within, note every LayerCall, and its Span."""
    import keras
    import tensorflow as tf

    plain, modes, turns = keras.layers.Layer.__call__, [None], 0

    def recorded(layer, *args, **kwargs):
        nonlocal turns
        turn = turns = turns + 1
        told = kwargs.get("training")  # Keras takes it by name alone
        modes.append(modes[-1] if told is None else told)
        graph = None if tf.executing_eagerly() else tf.compat.v1.get_default_graph()
        before, result, depth = graph and graph.version, None, graph and _depth()
        x = _inputs_of(args, kwargs) if graph is not None else None
        # Before the call: MultiHeadAttention takes the masks off (``keras-attention-drops-masks``).
        mask = _mask_of(x) if kwargs.get("mask") is None else kwargs["mask"]
        loses = mask is not None and _loses_mask(layer, kwargs)
        mask = None if loses else mask
        try:
            result = plain(layer, *args, **kwargs)
            return result
        finally:
            mode = modes.pop()
            if graph is not None:
                returned = _tensors(result)
                parts = (x, returned, mask) if x is not None and returned else ()
                aside = mode is not True and differs_in_training(layer)
                line = _line_of(traceback.extract_stack()) if aside or loses else ""
                training = told is not False and layer.trainable
                modal = {"training": training, "mode": mode, "line": line}
                named = {key: value for key, value in kwargs.items() if key != "training"}
                modal |= {"given": args, "options": named, "made": result, "loses_mask": loses}
                modal |= {"turn": turn, "last": turns}
                calls.append(LayerCall(layer, graph, before, graph.version, *parts, **modal))
                spans.append(Span(graph, before, graph.version, depth))

    keras.layers.Layer.__call__ = recorded
    try:
        yield
    finally:
        keras.layers.Layer.__call__ = plain


def _loses_mask(layer, kwargs):
    """Say whether Keras leaves the mask of a sequence out (``keras-initial-state-drops-mask``)."""
    import keras
    import tensorflow as tf

    states = tf.nest.flatten(kwargs.get("initial_state"))
    given = kwargs.get("mask") is not None
    kinds = keras.layers.RNN, keras.layers.Bidirectional
    return isinstance(layer, kinds) and any(map(tf.is_tensor, states)) and not given


def _inputs_of(args, kwargs):
    """Return the tensor that a layer was called with, or a tuple of several; None of others."""
    import tensorflow as tf

    named = [kwargs[name] for name in INPUTS if kwargs.get(name) is not None]
    first = [value for key, value in kwargs.items() if key != "training"][:1]
    given = [*args, *named] or first
    given = given[0] if len(given) == 1 else given
    return given if tf.is_tensor(given) else _tensors(given) or None


def _tensors(given):
    """Return what is a tensor, or several, as a tuple; () of others."""
    import tensorflow as tf

    several = tuple(given) if isinstance(given, (list, tuple)) else (given,)
    return several if all(map(tf.is_tensor, several)) else ()


def _mask_of(inputs):
    """Return the mask that Keras keeps with a tensor, or the masks of several; None of none."""
    masks = [getattr(x, "_keras_mask", None) for x in _several(inputs)]
    if not isinstance(inputs, tuple):
        return masks[0] if masks else None
    return tuple(masks) if any(mask is not None for mask in masks) else None


def _several(inputs):
    return inputs if isinstance(inputs, tuple) else [inputs] if inputs is not None else []


@contextmanager
def prints_recorded(printed):
    """Within, note that Python prints; what is printed goes where it went."""

    class Noting:
        def __init__(self, stream):
            self.stream = stream

        def write(self, text):
            printed.append(text)
            return self.stream.write(text)

        def __getattr__(self, name):
            return getattr(self.stream, name)

    with redirect_stdout(Noting(sys.stdout)):
        yield


@contextmanager
def functions_inlined(inlined):
    """Within, a tf.function that a graph calls is a part of that graph; what is so, is noted.

    Its tapes, layers and optimizers are the step's then, which no call of a function shows.
    """
    import tensorflow as tf

    kind = type(tf.function(len))
    plain = kind.__call__

    def recorded(function, *args, **kwargs):
        if tf.executing_eagerly():
            return plain(function, *args, **kwargs)
        inlined.append(function)
        return function.python_function(*args, **kwargs)

    kind.__call__ = recorded
    try:
        yield
    finally:
        kind.__call__ = plain


@contextmanager
def losses_recorded(losses):
    """Within, note every LossCall."""
    import keras
    import tensorflow as tf

    plain = keras.losses.Loss.__call__

    def recorded(loss, y_true, y_pred, sample_weight=None):
        result = plain(loss, y_true, y_pred, sample_weight)
        if all(map(tf.is_tensor, (y_true, y_pred, result))) and not tf.executing_eagerly():
            mask = getattr(y_pred, "_keras_mask", None)
            graph = tf.compat.v1.get_default_graph()
            losses.append(LossCall(loss, graph, y_true, y_pred, result, sample_weight, mask))
        return result

    keras.losses.Loss.__call__ = recorded
    try:
        yield
    finally:
        keras.losses.Loss.__call__ = plain


@contextmanager
def updates_recorded(updates, spans):
    """Within, note every Update, and its Span; what scales a loss has an ``apply`` of its own."""
    import keras
    import tensorflow as tf

    def noting(plain):
        def recorded(optimizer, grads, trainable_variables=None):
            grads = list(grads)
            variables = optimizer._trainable_variables if trainable_variables is None else None
            variables = list(trainable_variables if variables is None else variables)
            graph = tf.compat.v1.get_default_graph()
            before, depth = graph.version, _depth()
            result = plain(optimizer, grads, trainable_variables)
            updates.append(Update(optimizer, graph, before, graph.version, grads, variables))
            spans.append(Span(graph, before, graph.version, depth))
            return result

        return recorded

    kinds = keras.optimizers.Optimizer, keras.optimizers.LossScaleOptimizer
    plain = [kind.apply for kind in kinds]
    for kind, each in zip(kinds, plain):
        kind.apply = noting(each)
    try:
        yield
    finally:
        for kind, each in zip(kinds, plain):
            kind.apply = each


def is_own_gradient(operation):
    """Say whether an operation is at the end of what has a ``tf.custom_gradient``."""
    return (
        operation is not None
        and operation.type == "IdentityN"
        and operation.node_def.attr["_gradient_op_type"].s.startswith(b"CustomGradient")
    )


@contextmanager
def tapes_recorded(asked, calls, spans):
    """Within, note what every GradientTape is asked for, its Span, and what flows back to layers.

    The layers are those that train variables, whose outputs' gradients are made in any case.
    """
    import tensorflow as tf
    from tensorflow.python.framework.ops import gradient_registry
    from tensorflow.python.ops import custom_gradient

    plain, passed = tf.GradientTape.gradient, []
    record = custom_gradient.record

    def recorded(tape, target, sources, output_gradients=None, *args, **kwargs):
        if sys._getframe(1).f_globals.get("__name__") == FORWARD:
            return plain(tape, target, sources, output_gradients, *args, **kwargs)
        graph = tf.compat.v1.get_default_graph()
        trained = (c for c in calls if c.graph is graph and c.layer.trainable_variables)
        outputs = [o for call in trained for o in call.outputs if o.dtype.is_floating]
        both, before = (sources, outputs), len(passed)
        begun, depth = graph.version, _depth()
        gradients, back = plain(tape, target, both, output_gradients, *args, **kwargs)
        spans.append(Span(graph, begun, graph.version, depth))
        # No rows by their numbers, as they flow back to what was gathered from.
        dense = [isinstance(flow, tf.Tensor) for flow in back]
        flows = {o.name: flow for o, flow, whole in zip(outputs, back, dense) if whole}
        own = passed[before:]
        targets, flat = tf.nest.flatten(target), tf.nest.flatten(sources)
        found = tf.nest.flatten(gradients)
        asked.append(Differentiation(targets, flat, found, output_gradients is None, flows, own))
        return gradients

    def noted(kind, outputs, inputs, backward, *more):
        end = next(iter(outputs), None)
        if not is_own_gradient(getattr(end, "op", None) if hasattr(end, "graph") else None):
            return record.record_operation(kind, outputs, inputs, backward, *more)

        def own(*flows):
            found = backward(*flows)
            given, returned = zip(outputs, flows), zip(inputs, found)
            passed.append(OwnGradient(end.op.name, list(given), list(returned)))
            return found

        return record.record_operation(kind, outputs, inputs, own, *more)

    def straight(kind, backward):
        def own(operation, *flows):
            found = backward(operation, *flows)
            known = {each.name for each in passed}
            # The outputs are not told to a gradient that does not need them.
            ends = [
                end
                for end in _with_the_same_inputs(operation)
                if end.type == kind and end.name not in known
            ]
            if ends:
                several = found if isinstance(found, list | tuple) else [found]
                pairs = zip(ends[0].outputs, flows), zip(operation.inputs, several)
                passed.append(OwnGradient(ends[0].name, *map(list, pairs), kind))
            return found

        return own

    named = {**vars(record), "record_operation": noted}
    kinds = [gradient_registry._registry[kind] for kind in STRAIGHT_THROUGH]
    before = [each["type"] for each in kinds]
    for kind, each in zip(STRAIGHT_THROUGH, kinds):
        each["type"] = straight(kind, each["type"])
    tf.GradientTape.gradient, custom_gradient.record = recorded, SimpleNamespace(**named)
    try:
        yield
    finally:
        tf.GradientTape.gradient, custom_gradient.record = plain, record
        for each, backward in zip(kinds, before):
            each["type"] = backward


def _with_the_same_inputs(operation):
    """Return the operations of the graph at work that take what one took that a tape tells of."""
    import tensorflow as tf

    first = operation.inputs[0]
    if getattr(first, "graph", None) is not tf.compat.v1.get_default_graph():
        return []
    same = lambda other: all(a is b for a, b in zip(other.inputs, operation.inputs))
    return [other for other in first.consumers() if same(other)]


def origins(graph, step, calls, variables, spans=()):
    """Return the Origin of every operation of the graph, by name.

    spans: of noted calls, the innermost of several first.
    """
    operations = graph.get_operations()
    layers, scopes = {}, {}
    # The innermost call ends first, and is the one that counts.
    for call in calls:
        if call.graph is graph:
            for operation in operations[call.before : call.after]:
                layers.setdefault(operation.name, call.name)
    for name, layer in layers.items():
        scope = name.rpartition("/")[0]
        if scope:
            scopes.setdefault(scope, layer)
    about, innermost = _updated(operations, variables), {}
    for span in spans:
        if span.graph is graph:
            for operation in operations[span.before : span.after]:
                innermost.setdefault(operation.name, span)
    found, lines, outer = {}, {}, {}
    for operation in operations:
        layer = layers.get(operation.name) or _by_scope(operation.name, scopes, step)
        of = about.get(operation.name, "") if layer == step.optimizer else ""
        line = _line_in(operation, innermost.get(operation.name), outer)
        line = line or _forward_line(operation, found, lines)
        found[operation.name] = Origin(layer, of, line)
        scope = operation.name.rpartition("/")[0]
        while line and scope and GRADIENTS not in operation.name:
            lines.setdefault((scope, operation.type), line)
            lines[scope, ""] = line
            scope = scope.rpartition("/")[0]
    for operation in reversed(operations):
        if operation.type == "AddN" and found[operation.name].layer == "step":
            users = [user.name for user in operation.outputs[0].consumers()]
            if users:  # gradients that meet, of what the next one is the gradient of
                found[operation.name] = found[users[0]]
    return found


def _forward_line(operation, found, lines):
    """Return the line of the operation that a gradient is of.

    found: name -> Origin; lines: (scope, kind) -> the line of the first of the kind in it, and
        of kind "" that of the last operation.
    """
    _, gradient, forward = operation.name.rpartition(GRADIENTS)
    kind = operation.type.replace("Grad", "")
    while gradient and forward:
        if forward in found and found[forward].line:
            return found[forward].line
        forward = forward.rpartition("/")[0]
        for key in ((forward, kind), (forward, "")):
            if lines.get(key):
                return lines[key]
    return ""


def _by_scope(name, scopes, step):
    """Return what an operation outside of all layers' calls belongs to."""
    _, gradient, forward = name.rpartition(GRADIENTS)
    head = name.partition("/")[0]
    if not gradient and step.optimizer and _is_scope(head, step.optimizer):
        return step.optimizer
    parts = forward.split("/")
    for length in range(len(parts), 0, -1):
        scope = "/".join(parts[:length])
        if scope in scopes:
            return scopes[scope]
    return "loss" if parts[0].startswith(LOSS) else "step"


def _way_around(operation, inside, outputs, behind):
    """Return the operations by which one leads to what is behind targets around a call's outputs.

    inside: the names of the call's operations; one that leads through these alone has no way.
    """
    found, waiting, outside = {}, [operation], False
    while waiting:
        each = waiting.pop()
        if each.name in found or each.name not in behind or each.name in outputs:
            continue
        found[each.name] = each
        outside = outside or each.name not in inside
        waiting += [user for tensor in each.outputs for user in tensor.consumers()]
    return list(found.values()) if outside else []


def _is_scope(head, name):
    """Say whether a scope is of this name, which TensorFlow may have counted on: name_1."""
    return head == name or head.startswith(f"{name}_")


def _updated(operations, variables):
    """Return name -> the variable that an operation helps to update, where it is one alone."""
    found = {}
    for operation in reversed(operations):
        if operation.type in ASSIGNMENTS:
            variable = variables.get(operation.inputs[0].op.name)
            found[operation.name] = {getattr(variable, "name", "").partition(":")[0]}
            continue
        uses = [
            found.get(user.name, set()) for out in operation.outputs for user in out.consumers()
        ]
        found[operation.name] = set().union(*uses) if uses else set()
    return {name: next(iter(names)) for name, names in found.items() if len(names) == 1}


OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MODELS = os.path.join(OURS, "plants", "ordinary")  # models as a user has them
LIBRARIES = tuple({sysconfig.get_path("purelib"), sysconfig.get_path("stdlib")})
# Files of Keras that only pass a call on.
PASSING_ON = ("traceback_utils.py", "tree_api.py", "operation.py")


def line_of(operation):
    """Return file:number of what created an operation: the user's line, or else Keras's."""
    return _line_of(operation.traceback or ())


def _line_of(frames):
    """Return file:number of the innermost of these frames that is the user's, or else Keras's."""
    found, keras_line, _ = _lines(reversed(list(frames)))
    return found or keras_line


def _line_in(operation, span, outer):
    """Return what ``line_of`` does, where the frames that led to a span are looked at once.

    outer: Span -> what these have; what is not there yet is added.
    """
    frames = operation.traceback or ()
    count = len(frames)
    if span is None or count < span.depth or frames[span.depth - 1].name != "recorded":
        return _line_of(frames)
    line, keras_line, ended = _lines(frames[k] for k in range(count - 1, span.depth - 1, -1))
    if line or ended:
        return line or keras_line
    key = span.before, span.after, span.depth
    if key not in outer:
        outer[key] = _lines(frames[k] for k in range(span.depth - 1, -1, -1))
    line, keras_outside, _ = outer[key]
    return line or keras_line or keras_outside


def _depth():
    """Return how many frames the stack of the caller has."""
    frame, count = sys._getframe(1), 0
    while frame is not None:
        frame, count = frame.f_back, count + 1
    return count


def _lines(frames):
    """Return (the user's line, else "", Keras's, whether ours, which called the step, ended it).

    frames: from the innermost on.
    """
    keras_line = ""
    for frame in frames:
        told = _told(frame.filename)
        if told is None and frame.name == "recorded":
            continue  # what notes a layer's call stands between that and its caller
        if told is None:
            return "", keras_line, True
        kind, file = told
        if kind == "user":
            return f"{file}:{frame.lineno}", keras_line, False
        if kind == "keras" and not keras_line:
            keras_line = f"{file}:{frame.lineno}"
    return "", keras_line, False


@cache
def _told(name):
    """Return whose a file is and how it is named; None for ours, which called the step."""
    file = os.path.abspath(name)
    if file.startswith(OURS) and not file.startswith(MODELS):
        return None
    if not file.startswith(LIBRARIES) and os.path.exists(file):
        return "user", _short(file)
    if _is_a_place(file):
        part = file.rpartition(f"{os.sep}keras{os.sep}")[2].replace(os.sep, "/")
        return "keras", f"keras/{part}"
    return "", ""


def _short(file):
    return os.path.relpath(file) if file.startswith(os.getcwd() + os.sep) else file


def _is_a_place(file):
    """Say whether a file of Keras is one that a reader looks for: no wrapper, no backend."""
    if f"{os.sep}keras{os.sep}" not in file or os.path.basename(file) in PASSING_ON:
        return False
    return not {"ops", "backend"} & set(file.split(os.sep))
