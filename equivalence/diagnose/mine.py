"""Asking somebody's own step: what it is called with, what it may return, what it must not do."""

import copy
import inspect
from collections.abc import Mapping
from contextlib import suppress
from types import CellType, FunctionType

import numpy as np

from equivalence.diagnose import layout
from equivalence.errors import BadInput

# The methods of an object that are its step, in the order in which they are looked for.
STEP_METHODS = ("step", "update", "train_step", "apply", "apply_gradients", "train_on_batch")


def name_of(mine):
    """Return what to call somebody's code in a sentence."""
    return getattr(mine, "__name__", type(mine).__name__)


def step_of(mine, methods=STEP_METHODS):
    """Return the callable of what was brought: a function, an object's method; None of arrays."""
    if inspect.isroutine(mine):
        return mine
    if inspect.isclass(mine):
        mine = _made(mine)
    for method in methods:
        if callable(getattr(mine, method, None)):
            return getattr(mine, method)
    return mine if callable(mine) else None


def _made(kind):
    try:
        return kind()
    except TypeError as error:
        raise BadInput(
            f"{kind.__name__} cannot be made without arguments ({error}): bring an object of it"
        ) from None


def fresh(mine):
    """Return a copy with its state as it is now, or ``mine`` itself where none can be made.

    The state of a function is what it encloses, its defaults, and the numbers, arrays, lists,
    dicts and objects of its module's own classes that it, or a function of that module which it
    calls, names.
    """
    if inspect.isfunction(mine):
        return _fresh_function(mine, {})
    if inspect.isroutine(mine) or inspect.isclass(mine):
        return mine
    return _copy(mine)


def _copy(thing):
    try:
        return copy.deepcopy(thing)
    except Exception:  # whatever somebody's object does when it is copied
        return thing


def _fresh_function(function, made):
    """Return a copy of a function; made: those of its module that are copied already, by id."""
    if id(function) in made:
        return made[id(function)]
    if made and is_stateless(function, set()):
        return function  # which may be a key, or compared by what it is
    around = made.setdefault("globals", {}).setdefault(
        id(function.__globals__), dict(function.__globals__)
    )
    cells = tuple(CellType() for _ in function.__closure__ or ())
    own = FunctionType(function.__code__, around, function.__name__, None, cells or None)
    made[id(function)] = own
    own.__dict__.update(function.__dict__)
    own.__defaults__, own.__kwdefaults__ = map(
        _copy, (function.__defaults__, function.__kwdefaults__)
    )
    taken = lambda value: _taken(value, function.__globals__, made)
    for cell, old in zip(cells, function.__closure__ or ()):
        with suppress(ValueError):  # an empty cell
            cell.cell_contents = taken(old.cell_contents)
    for name in _names_in(function.__code__):
        if name in around and around[name] is function.__globals__[name]:
            around[name] = taken(around[name])
    return own


def is_stateless(function, seen):
    """Say whether a function, and those of its module that it calls, can keep nothing.

    seen: the ids of functions that are being asked.
    """
    if id(function) in seen:
        return True
    seen.add(id(function))
    if function.__closure__ or function.__defaults__ or function.__kwdefaults__:
        return False
    if function.__dict__:
        return False
    around = function.__globals__
    for name in _names_in(function.__code__) & around.keys():
        value = around[name]
        if inspect.isfunction(value) and value.__globals__ is around:
            if not is_stateless(value, seen):
                return False
        elif not (inspect.isroutine(value) or inspect.ismodule(value) or inspect.isclass(value)):
            return False
    return True


def _taken(value, module, made):
    """Return what a copy of a function has for a value: functions of its module, and data, anew."""
    if inspect.isfunction(value):
        return _fresh_function(value, made) if value.__globals__ is module else value
    own = type(value).__module__ == module.get("__name__")  # of a class of the module
    return _copy(value) if isinstance(value, DATA) or own else value


DATA = (np.ndarray, list, dict, set)


def _names_in(code):
    """Return the names that a function's code, and code inside it, refers to."""
    inner = (c for c in code.co_consts if inspect.iscode(c))
    return {*code.co_names, *(name for c in inner for name in _names_in(c))}


def convention(mine, starts, given, names):
    """Return (start, way) of the first layout and way in which a step can be called.

    starts: the weights in several layouts, lists of arrays; way: one of WAYS.
    A step that cannot be called at all is called in the first way when it is asked, and says why.
    """
    for start in starts:
        for way in WAYS:
            arguments = [way(a, names[: len(start)]) for a in (start, *given)]
            if any(a is None for a in arguments):
                continue
            try:
                with np.errstate(all="ignore"):
                    result = step_of(fresh(mine))(*map(_copied, arguments))
            except Exception:  # somebody's code may raise anything
                continue
            if result is None or _same_shapes(result, start):
                return start, way
    return starts[0], as_list


def _same_shapes(result, start):
    try:
        weights, *_ = parts_of(result)
    except Exception:  # somebody's code may return anything
        return True
    return [np.shape(w) for w in weights] == [np.shape(w) for w in start] or len(start) == 1


def as_list(argument, names):
    """A list of arrays."""
    return argument


def as_dict(argument, names):
    """A dict of the weights' names."""
    if not isinstance(argument, list):
        return argument
    return dict(zip(names, argument)) if len(names) == len(argument) else None


def as_one(argument, names):
    """The array itself, where there is one weight."""
    if not isinstance(argument, list):
        return argument
    return argument[0] if len(argument) == 1 else None


WAYS = (as_list, as_dict, as_one)


def asked(function, arguments, called):
    """Return what a call gives; raise BadInput where it raises or changes what it must not.

    arguments: copies are given.  The first may be changed in place, which is then the result if
        nothing is returned.
    """
    given = [_copied(a) for a in arguments]
    try:
        with np.errstate(all="ignore"):
            result = function(*given)
    except Exception as error:  # somebody's code may raise anything
        words = str(error).split("\n")[0]
        shapes = ", ".join(_shown(a) for a in arguments)
        raise BadInput(
            f"{called} raised {type(error).__name__}: {words}; it was called with {shapes}"
        ) from error
    for position, (before, after) in enumerate(zip(arguments, given)):
        if position and not _equal(before, after):
            raise BadInput(
                f"{called} changes its argument {position + 1} ({_shown(before)}) in place: copy "
                "it first, or the next step sees other data"
            )
    if result is None:
        if _equal(arguments[0], given[0]):
            raise BadInput(f"{called} returned None and left its weights as they were")
        return given[0]
    return result


def _copied(argument):
    if isinstance(argument, Mapping):
        return {k: np.array(v) for k, v in argument.items()}
    if isinstance(argument, tuple):
        return tuple(np.array(v) for v in argument)
    if isinstance(argument, list):
        return [np.array(a) for a in argument]
    return np.array(argument) if isinstance(argument, np.ndarray) else argument


def _equal(a, b):
    """Say whether two arguments hold the same numbers."""
    x, y = arrays_of(a), arrays_of(b)
    return len(x) == len(y) and all(np.array_equal(p, q, equal_nan=True) for p, q in zip(x, y))


def arrays_of(result):
    """Return a list of the arrays in a result: of a list, a dict, or one array."""
    if isinstance(result, Mapping):
        return [np.asarray(v) for v in result.values()]
    if isinstance(result, (list, tuple)):
        return [np.asarray(v) for v in result]
    return [np.asarray(result)]


def _shown(argument):
    if isinstance(argument, Mapping):
        return "{" + ", ".join(f"{k} {np.shape(v)}" for k, v in argument.items()) + "}"
    if isinstance(argument, (list, tuple)):
        return "[" + ", ".join(str(np.shape(a)) for a in argument) + "]"
    return str(np.shape(argument))


def parts_of(result):
    """Return (weights, gradients or None, loss or None) of what a step returned."""
    nested = lambda part: isinstance(part, (list, tuple, Mapping))
    if isinstance(result, tuple) and len(result) in (2, 3) and nested(result[0]):
        weights, gradients, *loss = result
        if not nested(gradients):
            gradients, loss = None, [gradients]
        return arrays_of(weights), gradients and arrays_of(gradients), (loss or [None])[0]
    return arrays_of(result), None, None


class Holder:
    """An object that keeps its weights itself, as a step of weights: ``method(x, y)``.

    Its arrays are matched to the weights by their shapes, given, and read again.
    """

    def __init__(self, own, method, places):
        self.own, self.method, self.places = own, method, places
        self.__name__ = type(own).__name__

    def step(self, weights, *data):
        keys = [k for k, v in vars(self.own).items() if isinstance(v, np.ndarray)]
        for place, weight in zip(self.places, weights):
            setattr(self.own, keys[place.position], place.write(weight))
        getattr(self.own, self.method)(*data)
        arrays = [getattr(self.own, k) for k in keys]
        return [np.asarray(place.read(arrays[place.position])) for place in self.places]


def holder(mine, names, shapes):
    """Return a Holder of an object that keeps its weights itself, or what was brought."""
    own = _made(mine) if inspect.isclass(mine) else mine
    methods = ("train", *STEP_METHODS, "fit")
    method = next((m for m in methods if callable(getattr(own, m, None))), None)
    if method is None or inspect.isroutine(own):
        return mine
    try:
        count = len(inspect.signature(getattr(own, method)).parameters)
    except (TypeError, ValueError):
        return mine
    arrays = [v for v in vars(own).values() if isinstance(v, np.ndarray)]
    if count != 2 or len(arrays) < len(names):
        return mine
    try:
        places = layout.match(arrays[: len(names)], names, shapes)
    except BadInput:
        return mine
    return Holder(own, method, places)


def checked(arrays, called, like=None):
    """Return arrays as floats; raise BadInput for NaN, whole numbers, objects, other shapes."""
    for k, array in enumerate(arrays):
        if array.dtype == object or not np.issubdtype(array.dtype, np.number):
            raise BadInput(f"{called} returned {array.dtype} instead of numbers in array {k + 1}")
        if np.issubdtype(array.dtype, np.integer):
            raise BadInput(
                f"{called} returned whole numbers ({array.dtype}) in array {k + 1}, so fractions "
                "were cut off: make the weights floats"
            )
        if np.iscomplexobj(array):
            raise BadInput(f"{called} returned complex numbers in array {k + 1}")
        if np.isinf(array).any():
            at = tuple(int(i) for i in np.argwhere(np.isinf(array))[0])
            raise BadInput(
                f"{called} returned an infinite number in array {k + 1} at {at}, shape "
                f"{array.shape}: it left the range of the floats"
            )
        if np.isnan(array).any():
            at = tuple(int(i) for i in np.argwhere(np.isnan(array))[0])
            raise BadInput(
                f"{called} returned NaN in array {k + 1} at {at}, shape {array.shape}: often that "
                "is 0 / 0, as where steps are counted from 0 (1 - beta**0), or the logarithm of 0"
            )
    if like is not None:
        theirs, wanted = [a.shape for a in arrays], [np.shape(a) for a in like]
        if theirs != wanted:
            show = lambda shapes: ", ".join(map(str, shapes))
            raise BadInput(
                f"{called} returned the shapes {show(theirs)} and was given {show(wanted)}"
            )
    return arrays


def precision_of(arrays):
    """Return "float32" if all numbers are float32's, whatever holds them, else "float64"."""
    single = all(
        a.dtype.itemsize <= 4 or np.array_equal(a, a.astype(np.float32), equal_nan=True)
        for a in arrays
    )
    return "float32" if single and arrays else "float64"
