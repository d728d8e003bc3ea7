"""How an array type of our own answers NumPy's operators, ufuncs and functions.

The reference code writes ``np.exp(x)``, ``a @ b``, ``np.mean(x, axis=-2)``; NumPy hands
each of these over to the class below, which looks up the function in ``RULES``.  Rules are
registered where they are written, as autograd registers derivatives by ``defvjp``:

    @rule(np.tanh)          elementary: the array type's own method, with a lemma
    def tanh(x):            (``elementary.py``)
        return x.tanh()

    @composed(np.mean)      written in operations that have rules, for every array type
    def mean(a, axis=None): (``composed.py``)
        ...

    move(np.roll)           numbers change places, nothing else (``moves.py``)

A rule names its parameters as NumPy does; what it does not name (``out``, ``dtype``,
``where``) is refused.  A function without a rule raises TypeError, which says what to do:
nothing falls back to ordinary floats unseen.
"""

import inspect
import operator
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from sys import maxsize

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

# What to do instead of a keyword that no rule takes.
INSTEAD = {
    "out": "a ball is not written into, nor a float over a ball: write a = a + b",
    "where": "choose by np.where(condition, x, y) before or after it",
    "dtype": "balls have the precision of their Model: leave it away",
    "casting": "balls have the precision of their Model: leave it away",
    "initial": "concatenate the number, or take np.maximum, np.minimum or + afterwards",
}
# What to do instead of a ufunc's method.
METHODS_INSTEAD = {
    "at": "write np.where, or np.concatenate of the parts",
    "reduceat": "reduce the slices one by one",
    "reduce": "write the operation between slices",
    "accumulate": "write the operation between slices, one after the other",
    "outer": "give the first operand an axis more and write the operation itself",
}


class Unanswered(TypeError):
    """Arrays of our own have no answer to what they were asked; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How arrays of our own answer one function of NumPy.

    answer: takes the function's arguments; of an elementary ufunc, arrays of one type.
    kind: "elementary", "move" or "composed".
    parameters: the names of the arguments that ``answer`` takes; None for any but those
        in ``INSTEAD``.
    order: NumPy's names of the function's positional arguments.
    leading: how many positional arguments are at the same place in both.
    """

    answer: Callable
    kind: str
    parameters: frozenset | None
    order: tuple = ()
    leading: int = maxsize

    def arguments(self, name, args, kwargs):
        """Return the arguments as ``answer`` takes them; raise TypeError for others.

        name: the function's, for the error.
        """
        if self.order:
            by_name = zip(self.order[self.leading :], args[self.leading :])
            args, kwargs = args[: self.leading], {**dict(by_name), **kwargs}
        given = {}
        for keyword, value in kwargs.items():
            if keyword not in INSTEAD if self.parameters is None else keyword in self.parameters:
                given[keyword] = value
            elif value is not None:
                raise Unanswered(_no_keyword(name, keyword))
        return args, given


RULES: dict[Callable, Rule] = {}
# Functions that can have no rule, and why not.
REFUSED: dict[Callable, str] = {}


def rule(*functions):
    """Register a function as the elementary rule of NumPy's ``functions``.

    It hands over to a method that every array type has, and that carries its lemma.
    """
    return _registering(functions, "elementary")


def composed(*functions):
    """Register a function, written in operations that have rules, for NumPy's ``functions``.

    A ufunc's methods are functions too: ``@composed(np.add.reduce)``.
    """
    return _registering(functions, "composed")


def move(*functions):
    """Register functions that only move numbers of their first argument to other places."""
    for function in functions:
        order = _order(function)
        refused = [at for at, name in enumerate(order) if name in INSTEAD]
        answer = _moving(function)
        RULES[function] = Rule(answer, "move", None, order, min(refused, default=maxsize))


def refuse(reason, *functions):
    """Register NumPy's ``functions`` as those that can have no rule, and say why not."""
    REFUSED.update(dict.fromkeys(functions, reason))


def newer(*names):
    """Return those of NumPy's functions that this NumPy already has, by their names."""
    return [getattr(np, name) for name in names if hasattr(np, name)]


def _registering(functions, kind):
    def register(answer):
        parameters = inspect.signature(answer).parameters.values()
        variadic = any(p.kind is p.VAR_POSITIONAL for p in parameters)
        own = [p.name for p in parameters]
        for function in functions:
            order = _order(function)
            leading = maxsize if variadic else _leading(own, order)
            RULES[function] = Rule(answer, kind, frozenset(own), order, leading)
        return answer

    return register


def _leading(own, order):
    """Return how many positional arguments of ours are NumPy's as well.

    An operand may have another name: NumPy takes it by its place alone.
    """
    if not order:
        return len(own)
    named = (*own, *INSTEAD)
    same = [mine == theirs or theirs not in named for mine, theirs in zip(own, order)]
    return [*same, False].index(False)


def _order(function):
    """Return the names of a function's positional arguments, () where it does not say."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        return ()
    if isinstance(function, np.ufunc) or any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return ()
    by_place = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return tuple(p.name for p in parameters if p.kind in by_place)


def _moving(function):
    def answer(array, *args, **kwargs):
        if not isinstance(array, DispatchedArray):
            raise Unanswered(
                f"{name_of(function)} takes whole numbers of NumPy beside an ordinary array: a "
                "ball is an index only after .astype(int), which raises where it is not known"
            )
        return array._moved(lambda part: function(part, *args, **kwargs))

    return answer


# ---------------------------------------------------------------- what has no rule


def name_of(function):
    """Return a function's name as it is written: np.linalg.norm, np.add.reduce."""
    owner = getattr(function, "__self__", None)
    if isinstance(owner, np.ufunc):
        return f"{name_of(owner)}.{function.__name__}"
    module = getattr(function, "__module__", None) or "numpy"
    return f"{module}.{function.__name__}".replace("numpy.", "np.", 1)


def missing(function, array_type):
    """Return the TypeError for a function without a rule."""
    name, kind = name_of(function), array_type.__name__
    if function in REFUSED:
        return Unanswered(f"{name} over {kind} is refused: {REFUSED[function]}")
    names = {name_of(known): None for known in RULES}
    nearest = ", ".join(get_close_matches(name, names, n=3, cutoff=0.0))
    return Unanswered(
        f"{name} over {kind} has no rule (the nearest names that have one: {nearest}): write it "
        f"in operations that have one, or register it by @composed({name}), or by @rule({name}) "
        "and a method with a lemma, from equivalence.arithmetic.dispatch"
    )


def _no_keyword(name, keyword):
    instead = INSTEAD.get(keyword, "leave it away, or write the operation out")
    return f"{name} over balls takes no keyword {keyword}: {instead}"


def answer_function(function, array_type, args, kwargs):
    """Return NumPy's ``function`` of arguments among which there are arrays of our own."""
    found = RULES.get(function)
    if found is None:
        raise missing(function, array_type)
    if kwargs or len(args) > found.leading:
        args, kwargs = found.arguments(name_of(function), args, kwargs)
    return found.answer(*args, **kwargs)


def answer_method(ufunc, method, array_type, inputs, kwargs):
    """Return a ufunc's ``reduce``, ``accumulate`` or ``outer``, or raise TypeError."""
    function = getattr(ufunc, method)
    if function in RULES:
        return answer_function(function, array_type, inputs, kwargs)
    if method == "outer" and ufunc in RULES and not kwargs:
        first, second = inputs
        return ufunc(np.reshape(first, (*np.shape(first), *(1,) * np.ndim(second))), second)
    raise Unanswered(
        f"{name_of(function)} over {array_type.__name__} has no rule: {METHODS_INSTEAD[method]}"
    )


# ------------------------------------------------------------------------ the array


def _in_place(operation):
    """Return an operator like += that makes a new array: arrays of ours are never written into."""

    def assign(self, other):
        result = operation(self, other)
        if result.shape != self.shape:
            raise ValueError(
                f"an array of shape {self.shape} cannot become one of shape {result.shape} in place"
            )
        return result

    return assign


def _method(function):
    """Return a method that is NumPy's function of the array."""

    def call(self, *args, **kwargs):
        return function(self, *args, **kwargs)

    call.__name__ = function.__name__
    return call


class DispatchedArray(NDArrayOperatorsMixin):
    """An array whose operations are methods of its class.

    A class has a method of the name of each elementary rule, of operands that ``lift`` has
    made arrays of the class, and ``shape``; ``_moved(move)``, which applies a function of
    NumPy to what an array is made of, and ``_joined(arrays, join)``.
    """

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        found = RULES.get(ufunc)
        kind = type(self)
        if method != "__call__":
            return answer_method(ufunc, method, kind, inputs, kwargs)
        if found is None:
            raise missing(ufunc, kind)
        if kwargs:
            raise Unanswered(_no_keyword(name_of(ufunc), next(iter(kwargs))))
        if found.kind == "composed":
            return found.answer(*inputs)
        return found.answer(*[x if type(x) is kind else self.lift(x) for x in inputs])

    def __array_function__(self, function, types, args, kwargs):
        return answer_function(function, type(self), args, kwargs)

    def __array__(self, *args, **kwargs):
        raise Unanswered(
            f"{type(self).__name__} does not become an array of floats: keep to NumPy's functions, "
            "which it answers, take its parts by name, and make an index of it by .astype(int)"
        )

    # ------------------------------------------------------- what an ndarray has as well

    @property
    def ndim(self):
        return len(self.shape)

    @property
    def size(self):
        size = 1
        for n in self.shape:
            size *= n
        return size

    @property
    def T(self):
        return self.transpose()

    @property
    def mT(self):
        return self._moved(lambda array: np.swapaxes(array, -1, -2))

    def transpose(self, *axes):
        return self._moved(lambda array: array.transpose(*axes))

    def reshape(self, *shape, order="C"):
        return self._moved(lambda array: array.reshape(*shape, order=order))

    def __getitem__(self, key):
        return self._moved(lambda array: array[key])

    def __setitem__(self, key, value):
        raise Unanswered(
            f"{type(self).__name__} is not written into: choose by np.where(condition, x, y), or "
            "make it of its parts by np.concatenate or np.stack"
        )

    def __len__(self):
        if not self.shape:
            raise Unanswered("a single number has no length")
        return self.shape[0]

    def __iter__(self):
        return iter([self[k] for k in range(len(self))])

    def __bool__(self):
        return bool(self != 0)

    __iadd__ = _in_place(operator.add)
    __isub__ = _in_place(operator.sub)
    __imul__ = _in_place(operator.mul)
    __itruediv__ = _in_place(operator.truediv)
    __ifloordiv__ = _in_place(operator.floordiv)
    __imod__ = _in_place(operator.mod)
    __ipow__ = _in_place(operator.pow)
    __imatmul__ = _in_place(operator.matmul)

    ravel = _method(np.ravel)
    flatten = _method(np.ravel)
    squeeze = _method(np.squeeze)
    swapaxes = _method(np.swapaxes)
    repeat = _method(np.repeat)
    take = _method(np.take)
    diagonal = _method(np.diagonal)
    copy = _method(np.copy)
    mean = _method(np.mean)
    var = _method(np.var)
    std = _method(np.std)
    min = _method(np.min)
    clip = _method(np.clip)
    round = _method(np.round)
    dot = _method(np.dot)
    trace = _method(np.trace)
    cumsum = _method(np.cumsum)
    cumprod = _method(np.cumprod)
    argmax = _method(np.argmax)
    argmin = _method(np.argmin)
