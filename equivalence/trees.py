"""The two trees by one set of names: ``reference()`` and ``tensorflow()``.

A row of the table of pairs builds its network from such a namespace, so that
one row makes both twins: ``lambda m: m.TwoLayer(m.Sigmoid(), m.Output())``.
"""

from functools import cache
from importlib import import_module
from types import SimpleNamespace

ROOMS = (
    "activations",
    "losses",
    "metrics",
    "preparation",
    "regularizers",
    "constraints",
    "layers",
    "networks",
    "schedules",
    "optimizers",
    "training",
)
TRAINING = ("Step", "build_slots", "train_step")


def namespace(tree):
    """Return the public names of a tree, imported afresh if it is not yet."""
    names = {}
    for room in ROOMS:
        module = import_module(f"{tree}.{room}")
        for name in getattr(module, "__all__", TRAINING):
            names[name] = getattr(module, name)
    return SimpleNamespace(tree=tree, **names)


@cache
def reference():
    """Return the names of ``refimpl``."""
    return namespace("refimpl")


@cache
def tensorflow():
    """Return the names of ``tfimpl``; imports TensorFlow."""
    return namespace("tfimpl")
