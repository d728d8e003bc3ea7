"""Lists of tensors, in which loops keep what they make.

A list is a Python list here; None stands for a tensor that nothing was written to yet.
"""

import numpy as np


def empty_tensor_list(element_shape, max_num_elements):
    return []  # (1)


def tensor_list_reserve(element_shape, num_elements):
    return [None] * int(num_elements)  # (2)


def tensor_list_from_tensor(tensor, element_shape):
    return list(tensor)  # (3)


def tensor_list_push_back(input_handle, tensor):
    return [*input_handle, tensor]  # (4)


def tensor_list_pop_back(input_handle, element_shape):
    *rest, last = input_handle
    return rest, last  # (5)


def tensor_list_set_item(input_handle, index, item):
    changed = list(input_handle)
    changed[int(index)] = item  # (6)
    return changed


def tensor_list_get_item(input_handle, index, element_shape):
    """A tensor that nothing was written to is one of zeros."""
    item = input_handle[int(index)]
    return np.zeros(tuple(element_shape), np.float32) if item is None else item  # (7)


def tensor_list_stack(input_handle, element_shape):
    written = next(item for item in input_handle if item is not None)
    zeros = np.zeros_like(written)
    return np.stack([zeros if item is None else item for item in input_handle])  # (8)


def tensor_list_length(input_handle):
    return len(input_handle)  # (9)


def add_lists(lists):
    """The sums of the tensors at the same places, one after the other."""
    total = list(lists[0])
    for other in lists[1:]:
        pairs = zip(total, other)
        total = [b if a is None else a if b is None else a + b for a, b in pairs]  # (10)
    return total


def zeros_like_list(x):
    """Zeros in the places of what is in a list."""
    return [None if item is None else np.zeros_like(item) for item in x]  # (11)


def optional_none():
    """Nothing, where a branch that was not taken would have left its numbers."""
    return []  # (12)


def optional_from_value(components):
    return list(components)  # (13)


def optional_get_value(optional, *, output_types, output_shapes):
    return tuple(optional)  # (14)
