"""What loops and branches compute as the step runs unobserved: kept beside what they return.

Nobody can fetch a tensor of a loop's body.  But a body may hand on, beside what it carries, a list
to which each round adds what one of its tensors was: the loop remains the loop that it is, and if
the new weights keep every bit, the lists have what the program that users run computed.  A branch,
or a function that is called, returns what is kept as a further result; the branches that are not
taken, zeros.
"""

from contextlib import contextmanager
from functools import cache

import numpy as np

from equivalence.graph.replay import FUNCTIONS, LOOPS, _function, _known, _named, in_order

NOT_KEPT = ("Placeholder", "Const", "NoOp")
WITHOUT_NUMBERS = ("resource", "variant", "string")


def parts_of(trace, rounds, entered):
    """Return the outer graph's loops, branches and calls that ran, in order: operations.

    rounds: name of a loop -> how often its body ran; entered: of another -> the function it took.
    """
    return [
        o
        for o in in_order(trace.graph)
        if (o.type in LOOPS and rounds.get(o.name)) or (o.type in FUNCTIONS and o.name in entered)
    ]


def body_of(part, entered):
    """Return the graph of a loop's body, or of the function that was taken."""
    if part.type not in LOOPS:
        return _named(part, entered[part.name])
    return _body_called(part) or _function(part, "body")


@cache
def _definition_called(loop):
    """Return the FunctionDef of what a loop's body calls, where it does nothing else; else None.

    Such is the body of a loop made of a ``Defun``, as in tf.nn.ctc_loss.  What it hands on
    unchanged, the function returns, too.
    """
    from tensorflow.core.framework import function_pb2

    body = _function(loop, "body")
    calls = [each for each in body.get_operations() if each.type not in NOT_KEPT]
    if len(calls) != 1 or not body._get_function(calls[0].type):
        return None
    names = lambda tensors: [tensor.name for tensor in tensors]
    given, returned, made = map(names, (body.inputs, body.outputs, calls[0].outputs))
    handed_on = returned[len(made) :]
    if names(calls[0].inputs) != given or returned[: len(made)] != made:
        return None
    if not set(handed_on) <= set(given):
        return None
    definition = function_pb2.FunctionDef()
    definition.CopyFrom(_known(calls[0], calls[0].type).definition)
    for each in (*definition.arg_attr.values(), *definition.node_def):
        each.attr.pop("_output_shapes", None)  # which it was without
    for k, name in enumerate(handed_on):
        argument = definition.signature.input_arg[given.index(name)]
        definition.signature.output_arg.add(name=f"handed_on_{k}", type=argument.type)
        definition.ret[f"handed_on_{k}"] = argument.name
    return definition


@cache
def _body_called(loop):
    """Return the graph of what a loop's body calls, with the shapes of what the loop is given."""
    from tensorflow.python.framework.function_def_to_graph import function_def_to_graph

    definition = _definition_called(loop)
    if definition is None:
        return None
    shapes = [tensor.shape for tensor in loop.inputs]
    with loop.graph.as_default():
        return function_def_to_graph(
            definition, input_shapes=shapes, include_library_functions=True
        )


def tensors_of(body):
    """Return the tensors of a body that may be kept: those of known shapes."""
    return [
        tensor
        for operation in in_order(body)
        for tensor in operation.outputs
        if operation.type not in NOT_KEPT
        and tensor.dtype.name not in WITHOUT_NUMBERS
        and tensor.shape.is_fully_defined()
    ]


def keep_beside(definition, part, taken, tensors, suffix):
    """Change a GraphDef so that a branch or call returns tensors of the function that it takes.

    taken: the function's name; suffix: what makes the names of functions new.
    Returns (names, functions): what to fetch, and what TensorFlow has to know for it.
    """
    from tensorflow.core.framework import function_pb2

    node = next(n for n in definition.node if n.name == part.name)
    functions = {f.signature.name: f for f in definition.library.function}
    # What a node is asked for and has not, it gets.
    names = [name for name in ("f", "then_branch", "else_branch") if name in node.attr]
    calls = [node.attr[name].func for name in names]
    calls += node.attr["branches"].list.func if "branches" in node.attr else []
    changed: dict[str, function_pb2.FunctionDef] = {}
    for called in calls:
        if called.name not in changed:
            function = function_pb2.FunctionDef()
            function.CopyFrom(functions[called.name])
            function.signature.name += suffix
            changed[called.name] = function
        called.name += suffix
    for k, tensor in enumerate(tensors):
        dtype = tensor.dtype.as_datatype_enum
        for name, function in changed.items():
            function.signature.output_arg.add(name=f"keeps_{k}", type=dtype)
            if name == taken:
                function.ret[f"keeps_{k}"] = _reference(tensor)
            else:
                zeros = np.zeros(tensor.shape.as_list(), tensor.dtype.as_numpy_dtype)
                _constant(function.node_def, f"keep_{k}", zeros)
                function.ret[f"keeps_{k}"] = f"keep_{k}:output:0"
        node.attr["Tout"].list.type.append(dtype)
        if "output_shapes" in node.attr:
            node.attr["output_shapes"].list.shape.append(tensor.shape.as_proto())
    definition.library.function.extend(changed.values())
    first = len(part.outputs)
    return [f"{part.name}:{first + k}" for k in range(len(tensors))], list(changed.values())


def keep_in_lists(definition, loop, tensors, rounds, suffix):
    """Change a GraphDef so that a loop keeps tensors of its body.

    rounds: how often the body runs; suffix: what makes the names of functions new.
    Returns (names, functions): what to fetch, and what TensorFlow has to know for it.
    """
    from tensorflow.core.framework import function_pb2

    node = next(n for n in definition.node if n.name == loop.name)
    functions = {f.signature.name: f for f in definition.library.function}
    changed = []
    for part in ("body", "cond"):
        function = function_pb2.FunctionDef()
        called = _definition_called(loop) if part == "body" else None
        function.CopyFrom(called or functions[node.attr[part].func.name])
        function.signature.name += suffix
        node.attr[part].func.name = function.signature.name
        changed.append(function)
    body, condition = changed
    carried = [name for name in node.input if not name.startswith("^")]
    controls = [name for name in node.input if name.startswith("^")]
    first, fetched = len(carried), []
    shapes = node.attr["output_shapes"].list.shape
    if not shapes:  # which a node may go without
        shapes.extend(tensor.shape.as_proto() for tensor in loop.outputs)
    for k, tensor in enumerate(tensors):
        variant = _variant()
        for function in changed:
            function.signature.input_arg.add(name=f"kept_{k}", type=variant)
        push = body.node_def.add(name=f"keep_{k}", op="TensorListPushBack")
        push.input.extend([f"kept_{k}", _reference(tensor)])
        push.attr["element_dtype"].type = tensor.dtype.as_datatype_enum
        body.signature.output_arg.add(name=f"keeps_{k}", type=variant)
        body.ret[f"keeps_{k}"] = f"keep_{k}:output_handle:0"
        name = f"{loop.name}_keep_{k}"
        shape = _constant(definition.node, f"{name}_shape", np.int32(tensor.shape.as_list()))
        most = _constant(definition.node, f"{name}_most", np.int32(rounds))
        start = definition.node.add(name=name, op="EmptyTensorList")
        start.input.extend([shape, most])
        stack = definition.node.add(name=f"{name}_stack", op="TensorListStack")
        stack.input.extend([f"{loop.name}:{first + k}", shape])
        stack.attr["num_elements"].i = rounds
        for each in (start, stack):
            each.attr["element_dtype"].type = tensor.dtype.as_datatype_enum
        start.attr["shape_type"].type = 3  # int32
        carried.append(name)
        node.attr["T"].list.type.append(variant)
        shapes.add()
        fetched.append(f"{name}_stack:0")
    del node.input[:]
    node.input.extend([*carried, *controls])
    definition.library.function.extend(changed)
    return fetched, changed


@contextmanager
def known_to_tensorflow(functions):
    """Within, TensorFlow knows these functions by their names; afterwards no more."""
    from tensorflow.python.eager import context

    known = []
    try:
        for function in functions:
            context.context().add_function_def(function)
            known.append(function.signature.name)
        yield
    finally:
        for name in known:
            context.context().remove_function(name)


def _variant():
    import tensorflow as tf

    return tf.variant.as_datatype_enum


def _constant(nodes, name, value):
    """Add a constant to the nodes of a graph; return its name."""
    import tensorflow as tf

    node = nodes.add(name=name, op="Const")
    tensor = tf.make_tensor_proto(value)
    node.attr["value"].tensor.CopyFrom(tensor)
    node.attr["dtype"].type = tensor.dtype
    return name


def _reference(tensor):
    """Return how the nodes of a function name a tensor: operation, argument, number."""
    operation, at = tensor.op, tensor.value_index
    for argument in operation.op_def.output_arg:
        count = 1
        if argument.number_attr:
            count = operation.node_def.attr[argument.number_attr].i
        elif argument.type_list_attr:
            count = len(operation.node_def.attr[argument.type_list_attr].list.type)
        if at < count:
            return f"{operation.name}:{argument.name}:{at}"
        at -= count
    raise LookupError(f"{tensor.name} is no result of its operation")
