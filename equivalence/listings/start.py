"""Numbers of a start that a reader changes: WH[0,0]=0.2."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from equivalence.errors import BadInput
from equivalence.steps.program import Program

CHANGE = re.compile(r"\s*([^\[\]=\s]+)\s*(?:\[([^\[\]]*)\])?\s*=\s*(.+?)\s*")


def data_letters(network: Any) -> tuple[str, str]:
    """Return what the network's own formulas call inputs and targets: X or I, and T."""
    _, inputs, targets, *_ = inspect.signature(network.propagate).parameters
    return inputs, targets


def changes(typed: list[str]) -> dict[str, float]:
    """Return {"WH[0,0]": 0.2} of what was typed, "WH[0,0]=0.2"; raise BadInput."""
    found = {}
    for text in typed:
        parts = CHANGE.fullmatch(text)
        if parts is None:
            raise BadInput(f"{text!r} is no change of a number: give it as 'WH[0,0]=0.2'")
        name, index, value = parts.groups()
        found[name if index is None else f"{name}[{index}]"] = _number(text, value)
    return found


def _number(text: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadInput(f"{text!r} has no finite number behind its =")
    return number


def changed(program: Program, start: Mapping[str, Any]) -> Program:
    """Return ``program`` from another start, or on other data.

    start: weights, or inputs and targets by the letters of the network, whole ("W": an array of
        its shape) or one number of them ("W[0,0]": 0.2).  An index of the data counts samples.
    Raises BadInput, with the names and shapes, for what there is not.
    """
    arrays = dict(zip(program.layout.weights, map(np.array, program.weights), strict=True))
    letters = data_letters(program.network)
    samples = len(program.inputs) * program.inputs.shape[-2]
    if program.last is not None:
        samples -= program.inputs.shape[-2] - program.last
    whole = [np.array(a) for a in (program.inputs, program.targets)]
    for letter, array in zip(letters, whole, strict=True):
        arrays.setdefault(letter, array.reshape(-1, array.shape[-1])[:samples])
    for key, value in start.items():
        _put(arrays, key, value)
    weights = tuple(arrays[name] for name in program.layout.weights)
    return replace(program, weights=weights, inputs=whole[0], targets=whole[1])


def _put(arrays: dict[str, np.ndarray], key: str, value: Any) -> None:
    """Write a value into the array that ``key`` names."""
    name, _, index = key.partition("[")
    if name not in arrays:
        raise BadInput(f"no {name!r} at the start: there are {_shapes(arrays)}")
    array = arrays[name]
    if not index:
        given = np.asarray(value, array.dtype)
        if given.shape != array.shape and array.size != 1:
            raise BadInput(
                f"{name} has the shape {array.shape}, not {given.shape}: one number of it is "
                f"{name}[{','.join('0' * array.ndim)}]"
            )
        array[...] = given
        return
    try:
        place = tuple(int(part) for part in index.rstrip("]").split(","))
        if len(place) != array.ndim or min(place) < 0:
            raise IndexError
        array[place] = value
    except (ValueError, IndexError):
        raise BadInput(f"no {key} at the start: there are {_shapes(arrays)}") from None


def _shapes(arrays: Mapping[str, np.ndarray]) -> str:
    return ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
