"""Rules for functions that only move numbers to other places: radii move with midpoints (L14).

What a function fills in beside them is 0 and exact.  ``np.pad`` with another constant is
two things, a move and a number, and composed of them (L14).
"""

import numpy as np

from equivalence.arithmetic.dispatch import DispatchedArray, Unanswered, composed, move, newer

move(
    np.swapaxes,
    np.moveaxis,
    np.rollaxis,
    np.transpose,
    np.matrix_transpose,
    np.linalg.matrix_transpose,
    np.reshape,
    np.ravel,
    np.squeeze,
    np.expand_dims,
    np.broadcast_to,
    np.flip,
    np.fliplr,
    np.flipud,
    np.rot90,
    np.roll,
    np.repeat,
    np.tile,
    np.resize,
    np.take,
    np.take_along_axis,
    np.delete,
    np.diagonal,
    np.linalg.diagonal,
    np.diag,
    np.diagflat,
    np.tril,
    np.triu,
    np.copy,
)

# Modes of np.pad that repeat numbers of the array; the others but "constant" compute.
PADS_BY_MOVING = ("edge", "reflect", "symmetric", "wrap")


@composed(np.pad)
def pad(array, pad_width, mode="constant", constant_values=0, reflect_type="even"):
    """Pad with exact zeros, with a number as every implementation rounds it (L7), or by moving.

    Raises TypeError for modes that compute what they pad with.
    """
    if mode in PADS_BY_MOVING and reflect_type == "even":
        return array._moved(lambda part: np.pad(part, pad_width, mode))
    if mode != "constant":
        odd = " with reflect_type='odd'" if mode in PADS_BY_MOVING else ""
        raise Unanswered(
            f"np.pad(mode={mode!r}){odd} computes what it pads with, and has no rule: compute it, "
            f"and join it by np.concatenate (modes with a rule: constant, "
            f"{', '.join(PADS_BY_MOVING)})"
        )
    padded = array._moved(lambda part: np.pad(part, pad_width))
    if isinstance(constant_values, DispatchedArray):
        constants = constant_values
    else:
        constants = np.pad(np.zeros(array.shape), pad_width, constant_values=constant_values)
        if not constants.any():
            return padded
    inside = np.pad(np.ones(array.shape, bool), pad_width)
    return np.where(inside, padded, constants)


# --------------------------------------------------------------------- several arrays


@composed(np.vstack)
def vstack(tup):
    return np.concatenate([np.atleast_2d(array) for array in tup], axis=0)


@composed(np.hstack)
def hstack(tup):
    arrays = [np.atleast_1d(array) for array in tup]
    return np.concatenate(arrays, axis=0 if arrays[0].ndim == 1 else 1)


@composed(np.dstack)
def dstack(tup):
    return np.concatenate([np.atleast_3d(array) for array in tup], axis=2)


@composed(np.column_stack)
def column_stack(tup):
    return np.concatenate([a if np.ndim(a) > 1 else np.ravel(a)[:, None] for a in tup], axis=1)


@composed(np.append)
def append(arr, values, axis=None):
    if axis is None:
        arr, values, axis = np.ravel(arr), np.ravel(values), 0
    return np.concatenate([arr, values], axis=axis)


@composed(np.broadcast_arrays)
def broadcast_arrays(*args):
    shape = np.broadcast_shapes(*(np.shape(array) for array in args))
    return tuple(np.broadcast_to(array, shape) for array in args)


@composed(np.atleast_1d)
def atleast_1d(*arys):
    return _each(arys, lambda a: a if np.ndim(a) >= 1 else np.reshape(a, (1,)))


@composed(np.atleast_2d)
def atleast_2d(*arys):
    return _each(arys, lambda a: a if np.ndim(a) >= 2 else np.reshape(a, (1, -1)))


@composed(np.atleast_3d)
def atleast_3d(*arys):
    def widen(a):
        return a if np.ndim(a) >= 3 else np.atleast_2d(a)[..., None]

    return _each(arys, widen)


def _each(arrays, change):
    changed = tuple(change(array) for array in arrays)
    return changed if len(changed) > 1 else changed[0]


@composed(np.array_split)
def array_split(ary, indices_or_sections, axis=0):
    places = np.arange(np.shape(ary)[axis])
    return [np.take(ary, part, axis) for part in np.array_split(places, indices_or_sections)]


@composed(np.split)
def split(ary, indices_or_sections, axis=0):
    places = np.arange(np.shape(ary)[axis])
    return [np.take(ary, part, axis) for part in np.split(places, indices_or_sections)]


@composed(np.vsplit)
def vsplit(ary, indices_or_sections):
    return np.split(ary, indices_or_sections, axis=0)


@composed(np.hsplit)
def hsplit(ary, indices_or_sections):
    return np.split(ary, indices_or_sections, axis=0 if np.ndim(ary) == 1 else 1)


@composed(*newer("unstack"))
def unstack(x, axis=0):
    return tuple(np.take(x, place, axis) for place in range(np.shape(x)[axis]))


# ----------------------------------------------------------------------------- shapes


@composed(np.shape)
def shape(a):
    return a.shape


@composed(np.ndim)
def ndim(a):
    return a.ndim


@composed(np.size)
def size(a, axis=None):
    return a.size if axis is None else a.shape[axis]


@composed(np.full_like)
def full_like(a, fill_value):
    return np.broadcast_to(a.lift(fill_value), a.shape)


@composed(np.real, np.conjugate)
def real(val):
    return val


@composed(np.imag)
def imag(val):
    return np.zeros_like(val)
