"""Operations that bring numbers to other places, repeat them or leave some out."""

import tensorflow as tf
from tensorflow.compiler.tf2xla.ops import gen_xla_ops


def identity(input):
    return tf.raw_ops.Identity(input=input)  # (1)


def reshape(tensor, shape):
    return tf.raw_ops.Reshape(tensor=tensor, shape=shape)  # (2)


def expand_dims(input, axis):
    return tf.raw_ops.ExpandDims(input=input, axis=axis)  # (3)


def squeeze(input, *, squeeze_dims):
    return tf.raw_ops.Squeeze(input=input, axis=squeeze_dims)  # (4)


def transpose(x, perm):
    return tf.raw_ops.Transpose(x=x, perm=perm)  # (5)


def pad(input, paddings):
    return tf.raw_ops.Pad(input=input, paddings=paddings)  # (6)


def pad_v2(input, paddings, constant_values):
    return tf.raw_ops.PadV2(
        input=input, paddings=paddings, constant_values=constant_values
    )  # (7)


def mirror_pad(input, paddings, *, mode):
    return tf.raw_ops.MirrorPad(input=input, paddings=paddings, mode=mode)  # (8)


def strided_slice(
    input,
    begin,
    end,
    strides,
    *,
    begin_mask,
    end_mask,
    ellipsis_mask,
    new_axis_mask,
    shrink_axis_mask,
):
    """What Python's brackets take: a mask's bits say how each part of the key is read."""
    return tf.raw_ops.StridedSlice(
        input=input,
        begin=begin,
        end=end,
        strides=strides,
        begin_mask=begin_mask,
        end_mask=end_mask,
        ellipsis_mask=ellipsis_mask,
        new_axis_mask=new_axis_mask,
        shrink_axis_mask=shrink_axis_mask,
    )  # (9)


def strided_slice_grad(
    shape,
    begin,
    end,
    strides,
    dy,
    *,
    begin_mask,
    end_mask,
    ellipsis_mask,
    new_axis_mask,
    shrink_axis_mask,
):
    """What was taken goes back to its places; elsewhere is 0."""
    return tf.raw_ops.StridedSliceGrad(
        shape=shape,
        begin=begin,
        end=end,
        strides=strides,
        dy=dy,
        begin_mask=begin_mask,
        end_mask=end_mask,
        ellipsis_mask=ellipsis_mask,
        new_axis_mask=new_axis_mask,
        shrink_axis_mask=shrink_axis_mask,
    )  # (10)-(11)


def slice_(input, begin, size):
    """``size`` numbers from ``begin`` on, along each axis; -1 is all that remain."""
    return tf.raw_ops.Slice(input=input, begin=begin, size=size)  # (12)


def tile(input, multiples):
    return tf.raw_ops.Tile(input=input, multiples=multiples)  # (13)


def concat(values, axis):
    return tf.raw_ops.ConcatV2(values=values, axis=axis)  # (14)


def pack(values, *, axis):
    return tf.raw_ops.Pack(values=values, axis=axis)  # (15)


def unpack(value, *, num, axis):
    return tf.raw_ops.Unpack(value=value, num=num, axis=axis)  # (16)


def split(axis, value, *, num_split):
    return tf.raw_ops.Split(axis=axis, value=value, num_split=num_split)  # (17)


def split_v(value, size_splits, axis):
    """Parts of these sizes; one that is -1 takes what the others leave."""
    return tf.raw_ops.SplitV(
        value=value, size_splits=size_splits, axis=axis, num_split=len(size_splits)
    )  # (18)


def broadcast_to(input, shape):
    return tf.raw_ops.BroadcastTo(input=input, shape=shape)  # (19)


def reverse(tensor, axis):
    return tf.raw_ops.ReverseV2(tensor=tensor, axis=axis)  # (20)


def matrix_band_part(input, num_lower, num_upper):
    """Diagonals from ``num_lower`` below the main one to ``num_upper`` above; -1: all."""
    return tf.raw_ops.MatrixBandPart(
        input=input, num_lower=num_lower, num_upper=num_upper
    )  # (21)


def space_to_batch(input, block_shape, paddings):
    """Every place of a block becomes a batch of its own (dilated convolutions)."""
    return tf.raw_ops.SpaceToBatchND(
        input=input, block_shape=block_shape, paddings=paddings
    )  # (22)


def batch_to_space(input, block_shape, crops):
    """The way back of ``space_to_batch``; what was padded is cut off."""
    return tf.raw_ops.BatchToSpaceND(
        input=input, block_shape=block_shape, crops=crops
    )  # (23)


def zeros_like(x):
    return tf.raw_ops.ZerosLike(x=x)  # (24)


def ones_like(x):
    return tf.raw_ops.OnesLike(x=x)  # (25)


def fill(dims, value):
    return tf.raw_ops.Fill(dims=dims, value=value)  # (26)


def one_hot(indices, depth, on_value, off_value, *, axis):
    return tf.raw_ops.OneHot(
        indices=indices, depth=depth, on_value=on_value, off_value=off_value, axis=axis
    )  # (27)


def arange(start, limit, delta):
    return tf.raw_ops.Range(start=start, limit=limit, delta=delta)  # (28)


def replace(old, new):
    """What a variable is after an assignment."""
    variable = tf.Variable(old)
    tf.raw_ops.AssignVariableOp(resource=variable.handle, value=new)  # (29)
    return variable.value()


def cast(x, *, DstT):
    """The nearest float, or the whole part of one, or the real part of a complex number."""
    return tf.raw_ops.Cast(x=x, DstT=DstT)  # (30)


def shape(input):
    return tf.raw_ops.Shape(input=input)  # (31)


def shape_n(input):
    return tf.raw_ops.ShapeN(input=input)  # (32)


def size(input):
    return tf.raw_ops.Size(input=input)  # (33)


def rank(input):
    return tf.raw_ops.Rank(input=input)  # (34)


def identity_n(input):
    return tf.raw_ops.IdentityN(input=input)  # (35)


def invert_permutation(x):
    return tf.raw_ops.InvertPermutation(x=x)  # (36)


def broadcast_gradient_args(s0, s1):
    """Along which axes two gradients are summed where shapes were broadcast to one."""
    return tf.raw_ops.BroadcastGradientArgs(s0=s0, s1=s1)  # (37)


def concat_offset(concat_dim, shape):
    """Where each part begins in what is concatenated of arrays of these shapes."""
    return tf.raw_ops.ConcatOffset(concat_dim=concat_dim, shape=shape)  # (38)


def roll(input, shift, axis):
    """Numbers move on, and those that leave at the end come in at the beginning."""
    return tf.raw_ops.Roll(input=input, shift=shift, axis=axis)  # (39)


def matrix_diag(diagonal, k, num_rows, num_cols, padding_value, *, align):
    """Matrices with these diagonals, the k-th or some in a row, and padding elsewhere."""
    return tf.raw_ops.MatrixDiagV3(
        diagonal=diagonal,
        k=k,
        num_rows=num_rows,
        num_cols=num_cols,
        padding_value=padding_value,
        align=align,
    )  # (40)


def matrix_set_diag(input, diagonal, k, *, align):
    """The matrices with these in the place of their diagonals."""
    return tf.raw_ops.MatrixSetDiagV3(
        input=input, diagonal=diagonal, k=k, align=align
    )  # (41)


def matrix_diag_part(input, k, padding_value, *, align):
    """The diagonals of matrices, the highest first; the shorter ones are filled up."""
    return tf.raw_ops.MatrixDiagPartV3(
        input=input, k=k, padding_value=padding_value, align=align
    )  # (42)


def space_to_depth(input, *, block_size):
    """The places of each block become channels."""
    return tf.raw_ops.SpaceToDepth(input=input, block_size=block_size)  # (43)


def depth_to_space(input, *, block_size):
    """The way back of ``space_to_depth``."""
    return tf.raw_ops.DepthToSpace(input=input, block_size=block_size)  # (44)


def dynamic_stitch(indices, data):
    """Parts of an array put to where they belong; of two at one place the later counts."""
    return tf.raw_ops.DynamicStitch(indices=indices, data=data)  # (45)


def empty(shape, *, dtype, init):
    """Zeros; of memory that nothing was written to, nothing can be said."""
    return tf.raw_ops.Empty(shape=shape, dtype=dtype, init=init)  # (46)


def broadcast_args(s0, s1):
    """The shape that two shapes have together."""
    return tf.raw_ops.BroadcastArgs(s0=s0, s1=s1)  # (47)


def sparse_to_dense(sparse_indices, output_shape, sparse_values, default_value):
    """Numbers at their places, and one other everywhere else."""
    return tf.raw_ops.SparseToDense(
        sparse_indices=sparse_indices,
        output_shape=output_shape,
        sparse_values=sparse_values,
        default_value=default_value,
    )  # (48)


def extract_image_patches(images, *, ksizes, strides, rates, padding):
    """What lies under a window at each of its places, row by row, with all channels."""
    return tf.raw_ops.ExtractImagePatches(
        images=images, ksizes=ksizes, strides=strides, rates=rates, padding=padding
    )  # (49)


def reverse_sequence(input, seq_lengths, *, seq_dim, batch_dim):
    """Of each sample so many steps in the opposite order, and the others where they are."""
    return tf.raw_ops.ReverseSequence(
        input=input, seq_lengths=seq_lengths, seq_dim=seq_dim, batch_dim=batch_dim
    )  # (50)-(51)


def dynamic_partition(data, partitions, *, num_partitions):
    """The parts of each number, in their order, one tensor after the other."""
    return tf.raw_ops.DynamicPartition(
        data=data, partitions=partitions, num_partitions=num_partitions
    )  # (52)


def diag(diagonal):
    """Twice the axes, with numbers where both halves of the index are the same."""
    return tf.raw_ops.Diag(diagonal=diagonal)  # (53)


def diag_part(input):
    """The numbers where both halves of the index are the same."""
    return tf.raw_ops.DiagPart(input=input)  # (54)


def ragged_tensor_to_tensor(
    shape, values, default_value, row_partition_tensors, *, row_partition_types
):
    """Rows of unequal lengths as a box, filled up at the ends; the rest is cut off."""
    return tf.raw_ops.RaggedTensorToTensor(
        shape=shape,
        values=values,
        default_value=default_value,
        row_partition_tensors=row_partition_tensors,
        row_partition_types=row_partition_types,
    )  # (55)-(56)


def xla_dynamic_update_slice(input, update, indices):
    """A box of numbers in the place of others; moved inside where it would stand over."""
    return gen_xla_ops.xla_dynamic_update_slice(
        input=input, update=update, indices=indices
    )  # (57)-(58)
