"""Which class of Keras a twin is: said once, and read in both directions.

A twin is the class of its own name in its room of Keras, and its fields are the options of
that class, by the same names: ``Huber(delta=2.0).keras()`` is ``keras.losses.Huber`` with
``delta=2.0``.  What is otherwise stands in the twin's ``in_keras``; it is None where Keras
has no such class.  ``keras_object`` makes Keras's object of a twin, and
``equivalence/engines/keras_twins.py`` finds the twin of an object of Keras.
"""

import inspect
from dataclasses import fields, is_dataclass
from functools import partial


class Counterpart:
    """What a twin is in Keras.

    name: of the class, or of an activation's function; "" is the twin's own.
    also: other classes of Keras that this twin is as well; they are read, and not made.
    names: fields that have another name in Keras, and that name.
    without: fields that are no option of Keras's; those of the twin's bases count as well.
    unread: options of Keras's that change nothing where all others are the twin's.
    behind: the activation behind which Keras takes the logits of its outputs for this loss.
    constants: the options that make Keras's class this twin.
    """

    def __init__(
        self, name="", *, also=(), names=None, without=(), unread=(), behind="", **constants
    ):
        self.name, self.also, self.names = name, also, names or {}
        self.without, self.unread, self.behind = without, unread, behind
        self.constants = constants


def options_of(kind):
    """Return {field: option of Keras's} of the class of a twin."""
    declared = [vars(base).get("in_keras") for base in kind.__mro__]
    without = {name for one in declared if one for name in one.without}
    own = [f.name for f in fields(kind) if f.init] if is_dataclass(kind) else []
    return {f: kind.in_keras.names.get(f, f) for f in own if f not in without}


def name_of(kind):
    """Return what the class of a twin is called in Keras."""
    return kind.in_keras.name or kind.__name__


def function_of(kind):
    """Return what an activation's function is called in Keras."""
    return kind.in_keras.name or getattr(kind, "name", "")


def keras_object(twin, room, **more):
    """Return Keras's object of a twin, of a room such as ``keras.losses``.

    more: options that are none of the twin's.  An option that this version of Keras does
    not name is left out while it is what the twin has by default.

    Raises AttributeError if this version of Keras lacks the class.
    """
    kind = type(twin)
    make = getattr(room, name_of(kind))
    return make(**_values(twin, inspect.signature(make).parameters), **more)


def keras_activation(twin, room):
    """Return what a layer of Keras takes as its ``activation``: a name, or a function."""
    if twin.in_keras is None:  # Keras takes any function
        return twin.forward
    make = getattr(room, function_of(type(twin)))
    options = _values(twin, inspect.signature(make).parameters)
    return WithOptions(make, **options) if options else function_of(type(twin))


class WithOptions(partial):
    """A function of Keras's with options, of which a layer's configuration can tell."""

    def get_config(self):
        return {"function": self.func.__name__, **self.keywords}


def _values(twin, known):
    """Return the options of Keras's and their values; known: those that Keras names."""
    values = {own: getattr(twin, own) for own in options_of(type(twin))}
    usual = {f.name: f.default for f in fields(twin)} if values else {}
    given = {
        option: _in_keras(values[own])
        for own, option in options_of(type(twin)).items()
        if option in known or values[own] != usual[own]
    }
    return {**given, **type(twin).in_keras.constants}


def _in_keras(value):
    """Return an option's value, a twin inside as Keras has it."""
    return value.keras() if hasattr(value, "keras") else value
