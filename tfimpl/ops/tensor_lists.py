"""Lists of tensors, in which loops keep what they make."""

import tensorflow as tf


def empty_tensor_list(element_shape, max_num_elements):
    return tf.raw_ops.EmptyTensorList(
        element_shape=element_shape,
        max_num_elements=max_num_elements,
        element_dtype=tf.float32,
    )  # (1)


def tensor_list_reserve(element_shape, num_elements):
    return tf.raw_ops.TensorListReserve(
        element_shape=element_shape, num_elements=num_elements, element_dtype=tf.float32
    )  # (2)


def tensor_list_from_tensor(tensor, element_shape):
    return tf.raw_ops.TensorListFromTensor(
        tensor=tensor, element_shape=element_shape
    )  # (3)


def tensor_list_push_back(input_handle, tensor):
    return tf.raw_ops.TensorListPushBack(input_handle=input_handle, tensor=tensor)  # (4)


def tensor_list_pop_back(input_handle, element_shape):
    return tf.raw_ops.TensorListPopBack(
        input_handle=input_handle, element_shape=element_shape, element_dtype=tf.float32
    )  # (5)


def tensor_list_set_item(input_handle, index, item, *, resize_if_index_out_of_bounds):
    """A list with a tensor in its place; one that may grow does so where it has to."""
    grows = resize_if_index_out_of_bounds
    return tf.raw_ops.TensorListSetItem(
        input_handle=input_handle,
        index=index,
        item=item,
        resize_if_index_out_of_bounds=grows,
    )  # (6)


def tensor_list_get_item(input_handle, index, element_shape):
    """A tensor that nothing was written to is one of zeros."""
    return tf.raw_ops.TensorListGetItem(
        input_handle=input_handle,
        index=index,
        element_shape=element_shape,
        element_dtype=tf.float32,
    )  # (7)


def tensor_list_stack(input_handle, element_shape):
    return tf.raw_ops.TensorListStack(
        input_handle=input_handle, element_shape=element_shape, element_dtype=tf.float32
    )  # (8)


def tensor_list_length(input_handle):
    return tf.raw_ops.TensorListLength(input_handle=input_handle)  # (9)


def add_lists(lists):
    """The sums of the tensors at the same places: of several in whatever order."""
    return tf.raw_ops.AddN(inputs=lists)  # (10)


def zeros_like_list(x):
    """Zeros in the places of what is in a list."""
    return tf.raw_ops.ZerosLike(x=x)  # (11)


def optional_none():
    """Nothing, where a branch that was not taken would have left its numbers."""
    return tf.raw_ops.OptionalNone()  # (12)


def optional_from_value(components):
    return tf.raw_ops.OptionalFromValue(components=components)  # (13)


def optional_get_value(optional, *, output_types, output_shapes):
    return tf.raw_ops.OptionalGetValue(
        optional=optional, output_types=output_types, output_shapes=output_shapes
    )  # (14)


def tensor_list_gather(input_handle, indices, element_shape):
    """The tensors at some places, one behind the other."""
    return tf.raw_ops.TensorListGather(
        input_handle=input_handle,
        indices=indices,
        element_shape=element_shape,
        element_dtype=tf.float32,
    )  # (15)


def tensor_list_scatter(tensor, indices, element_shape, num_elements):
    """A list with rows at their places; it is as long as it has to be, or longer."""
    return tf.raw_ops.TensorListScatterV2(
        tensor=tensor,
        indices=indices,
        element_shape=element_shape,
        num_elements=num_elements,
    )  # (16)


def tensor_list_scatter_into(input_handle, tensor, indices):
    """A list with rows in the place of what was there."""
    return tf.raw_ops.TensorListScatterIntoExistingList(
        input_handle=input_handle, tensor=tensor, indices=indices
    )  # (17)


def tensor_list_resize(input_handle, size):
    """A list with fewer tensors, or with some that nothing was written to behind them."""
    return tf.raw_ops.TensorListResize(input_handle=input_handle, size=size)  # (18)


def tensor_list_concat(input_handle, element_shape, leading_dims):
    """All rows of all tensors, and how many each of them has."""
    return tf.raw_ops.TensorListConcatV2(
        input_handle=input_handle,
        element_shape=element_shape,
        leading_dims=leading_dims,
        element_dtype=tf.float32,
    )  # (19)


def tensor_list_split(tensor, element_shape, lengths):
    """So many rows for each tensor of a list."""
    return tf.raw_ops.TensorListSplit(
        tensor=tensor, element_shape=element_shape, lengths=lengths
    )  # (20)
