"""A user's own data for a pair: read, checked, and refused in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from zipfile import BadZipFile

import numpy as np

from equivalence.errors import BadInput
from equivalence.steps.program import Program


def with_data(program: Program, arrays: Mapping[str, np.ndarray]) -> Program:
    """Return ``program`` on a user's data.

    arrays: a mapping with ``inputs`` (samples, features) and ``targets`` (samples,
    units), and optionally weights by their names.  The samples make one batch.  Where a
    network's inputs are weights (a layer alone), they are given by the weights' names,
    ``inputs`` or ``inputs1``, ``inputs2``, with as many samples as the row has, and
    ``targets`` are the gradients of its outputs.
    Raises BadInput for unknown names, for shapes that do not fit, for data that is
    not floating point and for NaN or infinity.
    """
    names = program.layout.weights
    fed = [name for name in names if name in program.network.input_names]
    needed = (*(fed or ("inputs",)), "targets")
    known = tuple(dict.fromkeys((*needed, *names)))
    for name in arrays:
        if name not in known:
            raise BadInput(f"unknown array {name!r}: the arrays are {', '.join(known)}")
    for name in needed:
        if name not in arrays:
            raise BadInput(
                f"the data lacks {name!r}: it has {', '.join(arrays) or 'nothing'}, and "
                f"{', '.join(needed)} are needed"
            )
    weights = tuple(
        _checked(name, arrays[name], program.dtype, weight.shape) if name in arrays else weight
        for name, weight in zip(names, program.weights)
    )
    units = program.targets.shape[-1]
    if fed:
        samples = program.inputs.shape[-2]
        inputs = program.inputs[:1]
    else:
        features = (None, program.inputs.shape[-1])
        inputs = _checked("inputs", arrays["inputs"], program.dtype, features)[None]
        samples = inputs.shape[1]
    targets = _checked("targets", arrays["targets"], program.dtype, (samples, units))[None]
    return replace(program, weights=weights, inputs=inputs, targets=targets, last=None)


def finite(program: Program) -> Program:
    """Return ``program``; raise BadInput where its start or its data are not finite numbers."""
    named = dict(zip(program.layout.weights, program.weights))
    for name, array in {**named, "inputs": program.inputs, "targets": program.targets}.items():
        _check_finite(name, np.asarray(array))
    return program


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
    _check_finite(name, array)
    with np.errstate(over="ignore"):
        converted = array.astype(dtype)
    _check_finite(name, converted, f" in {dtype}, {{}} in the data".format, array)
    return converted


def _check_finite(name, array, more=lambda value: "", given=None):
    """Raise BadInput at the first number that is NaN or infinite; ``given``: it before."""
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        where = tuple(int(i) for i in bad[0])
        words = more(given[where]) if given is not None else ""
        raise BadInput(
            f"{name}{list(where)} is {array[where]}{words}: NaN and infinity cannot be trained on"
        )


def read(path: str) -> dict[str, np.ndarray]:
    """Return the arrays of an .npz file as a dict; raises BadInput."""
    try:
        file = np.load(path, allow_pickle=False)
        if isinstance(file, np.ndarray):
            raise BadInput(f"{path!r} is one array: give an .npz file, as np.savez writes it")
        with file:
            return {name: file[name] for name in file.files}
    except BadInput:
        raise
    except EOFError:
        raise BadInput(f"cannot read {path!r} as an .npz file of arrays: it is empty") from None
    except (OSError, ValueError, AttributeError, TypeError, BadZipFile, KeyError) as error:
        why = getattr(error, "strerror", None) or str(error).split("\n")[0]
        raise BadInput(f"cannot read {path!r} as an .npz file of arrays: {why}") from None
