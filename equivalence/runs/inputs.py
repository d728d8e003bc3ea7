"""A user's own data for a pair: read, checked, and refused in one sentence."""

from dataclasses import replace

import numpy as np

from equivalence.errors import BadInput


def with_data(program, arrays):
    """Return ``program`` on a user's data.

    arrays: a mapping with ``inputs`` (samples, features) and ``targets`` (samples,
    units), and optionally weights by their names.  The samples make one batch.
    Raises BadInput for unknown names, for shapes that do not fit, for data that is
    not floating point and for NaN or infinity.
    """
    names = program.layout.weights
    known = ("inputs", "targets", *names)
    for name in arrays:
        if name not in known:
            raise BadInput(f"unknown array {name!r}: the arrays are {', '.join(known)}")
    for name in ("inputs", "targets"):
        if name not in arrays:
            raise BadInput(f"the data lacks {name!r}; it has {', '.join(arrays) or 'nothing'}")
    weights = tuple(
        _checked(name, arrays[name], program.dtype, weight.shape) if name in arrays else weight
        for name, weight in zip(names, program.weights)
    )
    inputs = _checked("inputs", arrays["inputs"], program.dtype, (None, program.inputs.shape[-1]))
    units = program.targets.shape[-1]
    targets = _checked("targets", arrays["targets"], program.dtype, (len(inputs), units))
    return replace(program, weights=weights, inputs=inputs[None], targets=targets[None], last=None)


def _checked(name, array, dtype, shape):
    """Return ``array`` in ``dtype``; raise BadInput where it does not fit ``shape``."""
    array = np.asarray(array)
    wanted = "(" + ", ".join("samples" if n is None else str(n) for n in shape) + ")"
    if array.dtype.kind != "f":
        raise BadInput(
            f"{name} is {array.dtype}: give floating-point data, for example "
            f"{name}.astype('{dtype}')"
        )
    if array.ndim != len(shape) or any(n not in (None, m) for n, m in zip(shape, array.shape)):
        raise BadInput(f"{name} has the shape {array.shape}, but {wanted} is needed")
    if array.size == 0:
        raise BadInput(f"{name} is empty: its shape is {array.shape}")
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        where = tuple(int(i) for i in bad[0])
        raise BadInput(
            f"{name}{list(where)} is {array[where]}: NaN and infinity cannot be trained on"
        )
    return array.astype(dtype)


def read(path):
    """Return the arrays of an .npz file as a dict; raises BadInput."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise BadInput(f"cannot read {path!r} as an .npz file of arrays: {error}") from None
