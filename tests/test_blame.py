"""What a changed number is laid to, of a graph of operations in words."""

import pytest

from equivalence.graph.blame import handed_on, last_writes, lay_blame, operations_before

# Two branches from one trunk: a -> b -> (c -> d -> left), (e -> f -> right)
BRANCHES = {"b": ["a"], "c": ["b"], "d": ["c"], "left": ["d"], "e": ["b"], "f": ["e"]}
BRANCHES |= {"right": ["f"], "a": []}


ALL = set(BRANCHES)


def test_what_reaches_no_number_that_is_as_it_was_is_blamed_and_what_stands_in_front_of_it():
    # and e, which takes b beside c
    assert lay_blame(BRANCHES, {"right"}, {"left"}, ALL) == {"b", "c", "d", "e"}
    assert lay_blame(BRANCHES, {"right"}, {"left"}, ALL - {"b", "c", "d", "e"}) == {"a", "f"}
    assert lay_blame(BRANCHES, set(), {"left"}, ALL) == {"a", "b", "c", "d", "e"}


def test_what_all_changed_numbers_follow_from_is_blamed_with_what_they_alone_do():
    assert lay_blame(BRANCHES, set(), {"left", "right"}, ALL) == set("abcdef")


def test_known_numbers_end_what_is_blamed():
    assert lay_blame(BRANCHES, {"c"}, {"left"}, ALL) == {"d"}
    # What follows from a changed number is not blamed beside it.
    assert lay_blame(BRANCHES, {"b", "right"}, {"d", "left"}, ALL) == {"c", "e"}


def test_only_what_was_fetched_is_blamed():
    assert lay_blame(BRANCHES, set(), {"left"}, {"a", "f"}) == {"a", "f"}
    assert lay_blame(BRANCHES, set(), {"left"}, {"d"}) == {"d"}


def test_where_all_that_may_have_done_it_reaches_an_unchanged_number_what_is_in_front_is_blamed():
    assert lay_blame({"sum": ["a"], "a": ["c"], "b": ["a"]}, {"b"}, {"sum"}, {"a", "c"}) == {"a"}


def test_numbers_of_a_loop_that_follow_from_each_other_are_all_asked():
    loop = {"x": ["y"], "y": ["z"], "z": ["v"], "v": ["x", "start"]}
    assert lay_blame(loop, {"start"}, {"x", "z"}, {"y", "v"}) == {"y", "v"}


@pytest.mark.tensorflow
def test_operations_follow_from_what_wrote_the_variable_that_they_read():
    import tensorflow as tf

    from equivalence.graph.certify import Prepared

    variable = tf.Variable([1.0, 2.0])
    other = tf.Variable(0.0)

    def step(x):
        variable.assign_add(x)
        other.assign(tf.reduce_sum(variable * 3.0))
        variable.assign_sub(x)

    prepared = Prepared(step, (tf.constant([0.5, 0.25]),))
    trace, states = prepared.traced, prepared.states.variables
    before = operations_before(trace, [], {})
    named = {o.type: (None, o.name) for o in trace.graph.get_operations()}
    behind, waiting = set(), [named["Sum"]]
    while waiting:
        each = waiting.pop()
        behind.add(each)
        waiting += before[each]
    assert named["AssignAddVariableOp"] in behind and named["AssignSubVariableOp"] not in behind
    writes = last_writes(trace, states)
    kinds = {states[k].shape.rank: trace.graph.get_operation_by_name(name).type
             for k, name in writes.items()}  # fmt: skip
    assert kinds == {1: "AssignSubVariableOp", 0: "AssignVariableOp"}


@pytest.mark.tensorflow
def test_floats_that_may_be_the_same_are_those_of_as_many_numbers():
    import tensorflow as tf

    @tf.function
    def step(x):
        moved = tf.reshape(tf.nn.relu(x, name="bent"), [6], name="moved")
        return tf.reduce_sum(moved, name="total") / tf.cast(tf.size(x), tf.float32, name="count")

    graph = step.get_concrete_function(tf.zeros([2, 3])).graph
    pairs = {*handed_on(graph)}
    assert {("x", "bent"), ("bent", "moved"), ("total", "truediv")} <= pairs
    assert not {("moved", "total"), ("moved/shape", "moved")} & pairs
