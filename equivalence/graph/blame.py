"""What a changed number of a step is laid to: from which fetched tensors the change may come.

Of some operations it is known what they return where no bit is changed: of the writes of
variables, and of what was fetched with success.  Where their numbers are others, and those before
them are not, the change arose between these.
"""

from equivalence.graph.inside import body_of
from equivalence.graph.replay import LOOPS, READS, WRITES, in_order


def operations_before(trace, parts, entered):
    """Return (name of the part or None, name) of an operation -> those that it follows from.

    parts: the operations of the outer graph that are looked into; what these return follows from
        the bodies, whose inputs follow from theirs, in loops also from the round before.
    """
    before = _before(trace.graph, None)
    for part in parts:
        body, place = body_of(part, entered), part.name
        before |= _before(body, place)
        before[None, place] += [(place, tensor.op.name) for tensor in body.outputs]
        first = len(part.inputs) - len(body.inputs)
        for k, tensor in enumerate(body.inputs):
            given = [(None, part.inputs[first + k].op.name)]
            if part.type in LOOPS and k < len(body.outputs):
                given.append((place, body.outputs[k].op.name))
            before[place, tensor.op.name] = given
    return before


def last_writes(trace, variables):
    """Return number of a variable -> the name of the last operation of the graph that writes it."""
    at = {id(variable): number for number, variable in enumerate(variables)}
    handles = {name: at[id(variable)] for name, variable in trace.variables.items()}
    return {
        handles[operation.inputs[0].op.name]: operation.name
        for operation in in_order(trace.graph)
        if operation.type in WRITES and operation.inputs[0].op.name in handles
    }


def _before(graph, place):
    """Return the operations of one graph with those that they follow from, by way of variables."""
    before, writes = {}, {}
    for operation in in_order(graph):
        found = [(place, tensor.op.name) for tensor in operation.inputs]
        if operation.type in (*READS, *WRITES):
            handle = operation.inputs[0].op.name
            found += [(place, writes[handle])] if handle in writes else []
            if operation.type in WRITES:
                writes[handle] = operation.name
        before[place, operation.name] = found
    return before


def handed_on(graph):
    """Yield the names of operations, one the operand of the other, that may be the same floats."""
    size = lambda tensor: tensor.dtype.is_floating and tensor.shape.num_elements()
    for operation in in_order(graph):
        if operation.type not in READS:
            sizes = {size(tensor) for tensor in operation.outputs} - {None, False}
            for tensor in operation.inputs:
                if size(tensor) in sizes:
                    yield tensor.op.name, operation.name


def lay_blame(before, same, other, fetched):
    """Return the operations, of those that were fetched, to which changes may be laid.

    before: of ``operations_before``; same, other: the operations of which it is known that they
        return what they did, and that they do not.
    """
    known = same | other
    regions = {operation: _behind([operation], before, known) for operation in other}
    # What follows from a changed number need not be changed by itself.
    first = {each for each, (_, follows) in regions.items() if not follows & other} or other
    candidates = set().union(*(regions[each][0] for each in first))
    # What reaches a number that is as it was would have changed that, too.
    alone = candidates - _behind(same, before, known)[0]
    # But a sum may take otherwise what was fetched in front of it, and keeps its own number, or
    # what something else that was fetched takes, too.
    apart = known | (fetched - alone)
    near, in_front = _behind(first, before, apart)
    after: dict = {}
    for operation, those in before.items():
        for each in those:
            after.setdefault(each, []).append(operation)
    beside = _behind(near | in_front, after, apart)[1]
    return (alone | in_front | beside) & fetched - known


def _behind(operations, before, known):
    """Return what some operations follow from, up to known ones and with themselves, and these."""
    region, ends = set(operations), set()
    waiting = [each for operation in operations for each in before.get(operation, ())]
    while waiting:
        each = waiting.pop()
        if each in known:
            ends.add(each)
        elif each not in region:
            region.add(each)
            waiting += before.get(each, ())
    return region, ends
