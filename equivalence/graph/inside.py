"""What loops compute as the step runs unobserved: kept in lists that the loops carry along.

Nobody can fetch a tensor of a loop's body.  But a body may hand on, beside what it carries, a list
to which each round adds what one of its tensors was: the loop remains the loop that it is, and if
the new weights keep every bit, the lists have what the program that users run computed.
"""

from contextlib import contextmanager

import numpy as np

from equivalence.graph.replay import LOOPS, _function, in_order

NOT_KEPT = ("Placeholder", "Const", "NoOp")
WITHOUT_NUMBERS = ("resource", "variant", "string")


def loops_of(trace, rounds):
    """Return the outer graph's loops that ran, in order: operations.

    rounds: name of a loop -> how often its body ran.
    """
    return [o for o in in_order(trace.graph) if o.type in LOOPS and rounds.get(o.name)]


def body_of(loop):
    """Return the graph of a loop's body."""
    return _function(loop, "body")


def tensors_of(loop):
    """Return the tensors of a loop's body that may be kept: those of known shapes."""
    return [
        tensor
        for operation in in_order(body_of(loop))
        for tensor in operation.outputs
        if operation.type not in NOT_KEPT
        and tensor.dtype.name not in WITHOUT_NUMBERS
        and tensor.shape.is_fully_defined()
    ]


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
        function.CopyFrom(functions[node.attr[part].func.name])
        function.signature.name += suffix
        node.attr[part].func.name = function.signature.name
        changed.append(function)
    body, condition = changed
    carried = [name for name in node.input if not name.startswith("^")]
    controls = [name for name in node.input if name.startswith("^")]
    first, fetched = len(carried), []
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
        shape = _constant(definition, f"{name}_shape", np.int32(tensor.shape.as_list()))
        most = _constant(definition, f"{name}_most", np.int32(rounds))
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
        node.attr["output_shapes"].list.shape.add()
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


def _constant(definition, name, value):
    """Add a constant to a graph; return its name."""
    import tensorflow as tf

    node = definition.node.add(name=name, op="Const")
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
