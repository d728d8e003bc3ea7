"""Lists of tensors, in which loops keep what they make.

A list is a Python list here; None stands for a tensor that nothing was written to yet.
"""

import numpy as np

from refimpl.ops.sums import add_n


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


def tensor_list_set_item(input_handle, index, item, *, resize_if_index_out_of_bounds):
    """A list with a tensor in its place; one that may grow does so where it has to."""
    changed = list(input_handle)
    if resize_if_index_out_of_bounds:
        changed += [None] * (int(index) + 1 - len(changed))
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
    """The sums of the tensors at the same places: of several in whatever order."""
    total = []
    for items in zip(*lists):
        written = [item for item in items if item is not None]
        total.append(add_n(written) if written else None)  # (10)
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


def tensor_list_gather(input_handle, indices, element_shape):
    """The tensors at some places, one behind the other."""
    picked = [input_handle[int(k)] for k in indices]
    return tensor_list_stack(picked, element_shape)  # (15)


def tensor_list_scatter(tensor, indices, element_shape, num_elements):
    """A list with rows at their places; it is as long as it has to be, or longer."""
    made = [None] * int(num_elements)  # none where it is -1
    return tensor_list_scatter_into(made, tensor, indices)  # (16)


def tensor_list_scatter_into(input_handle, tensor, indices):
    """A list with rows in the place of what was there."""
    made = list(input_handle)
    made += [None] * (max([int(k) + 1 for k in indices], default=0) - len(made))
    for k, row in zip(indices, tensor):
        made[int(k)] = row  # (17)
    return made


def tensor_list_resize(input_handle, size):
    """A list with fewer tensors, or with some that nothing was written to behind them."""
    kept = list(input_handle)[: int(size)]
    return kept + [None] * (int(size) - len(kept))  # (18)


def tensor_list_concat(input_handle, element_shape, leading_dims):
    """All rows of all tensors, and how many each of them has."""
    lengths = np.array([len(item) for item in input_handle], np.int64)
    return np.concatenate(list(input_handle)), lengths  # (19)


def tensor_list_split(tensor, element_shape, lengths):
    """So many rows for each tensor of a list."""
    ends = np.cumsum(lengths)
    return [tensor[int(end - n) : int(end)] for end, n in zip(ends, lengths)]  # (20)
