"""What is in lists of tensors, of which only kernels know it.

What moves from list to list is what it was.  Where lists are added, nobody sees the sums: in which
order more than two terms are added is the kernel's affair, so that each sum is a ball.
"""

from equivalence.arithmetic.precisions import FORMATS
from equivalence.arithmetic.rounding import Model, RoundingArray
from equivalence.graph.pairs import as_pairs
from refimpl.ops.tensor_lists import add_lists, zeros_like_list

# Kinds that have another rule where their operands are lists of tensors.
OF_LISTS = {"AddN": add_lists, "ZerosLike": zeros_like_list}


def content_of(kind, rule, operands, attributes):
    """Return the results of an operation on lists as a tuple, of which lists are Python lists.

    Sums are balls, of complex numbers balls of pairs.
    """
    answer = OF_LISTS.get(kind, rule.answer)
    if answer is add_lists:
        operands = [[_lifted(each) for each in operands[0]]]
    answers = answer(*operands, **rule.attributes(attributes))
    return answers if isinstance(answers, tuple) else (answers,)


def _lifted(items):
    """Return what is in a list with balls for floats; nothing stays nothing."""
    items = [as_pairs(item) for item in items]
    names = {item.dtype.name for item in items if item is not None}
    if not names <= set(FORMATS):
        return items
    model = Model(next(iter(names), FORMATS[0]))

    def lift(item):
        if isinstance(item, RoundingArray):
            return RoundingArray(item.mid, item.rad, model)
        return item if item is None else model.array(item)

    return [lift(item) for item in items]
