"""Planted defects: a tree with one line of one file changed.

The judge is only worth what it finds.  A ``Plant`` names a file of ``refimpl`` or
``tfimpl`` and a line of it, and what stands there instead; ``planted`` imports that file,
and all that imports it, once more with that change.  ``planted_keras`` does the
same with Keras's own optimizers.  Nothing on disk is changed.
"""

import ast
import sys
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.machinery import SourceFileLoader
from importlib.util import find_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from unittest import mock

from equivalence import trees
from equivalence.pairs.plant import DoesNotFit


def changed(source, plant):
    """Return the source with the defect in it; raise DoesNotFit if it has no place there."""
    count = source.count(plant.before)
    if count != 1:
        raise DoesNotFit(f"{plant.tree}/{plant.file} has {plant.before!r} {count} times")
    return source.replace(plant.before, plant.after)


# ------------------------------------------------------------------- our own trees


def planted(plant):
    """Return the namespace (see ``trees``) of the tree with the defect in it.

    The modules that import the changed one, directly or by others, are imported a second
    time; all others are the real ones.

    Raises DoesNotFit where the source no longer has the line that is to be changed, or no
    room of the tree imports it.
    """
    found, modules = with_modules(plant)
    if modules.keys().isdisjoint(f"{plant.tree}.{room}" for room in trees.ROOMS):
        raise DoesNotFit(f"{plant.tree}/{plant.file} is imported by nobody")
    return found


def with_modules(plant):
    """Return the namespace of ``planted``, and what was imported a second time, by its name.

    The changed module is among that, whether or not the namespace has anything of it.
    """
    trees.namespace(plant.tree)  # the real modules first: those that stay must be there
    file = PlantedFile(plant)
    import_module(file.name)
    wrong = importers(plant.tree, file.name)
    known = [name for name in wrong if name in sys.modules]
    with file, _afresh(wrong.__contains__):
        found = trees.namespace(plant.tree)
        for name in known:
            import_module(name)
        modules = {name: sys.modules[name] for name in wrong if name in sys.modules}
    return found, modules


@contextmanager
def present(modules):
    """Within, what is imported by its name is one of these modules, by name."""
    with _afresh(modules.__contains__):
        sys.modules.update(modules)
        for name, module in modules.items():
            above, _, last = name.rpartition(".")
            package = sys.modules.get(above)
            if package is not None and not hasattr(package, last):
                setattr(package, last, module)
        yield


def importers(tree, name):
    """Return the names of a module of a tree and of all that import it, in any number of steps."""
    found, new = set(), {name}
    while new:
        found |= new
        new = {module for module, imports in _imports(tree).items() if imports & new} - found
    return found


@cache
def _imports(tree):
    """Return {module: the modules of the same tree that it names in an import}."""
    folder = Path(import_module(tree).__file__).parent
    files = {_module_of(tree, path.relative_to(folder)): path for path in folder.rglob("*.py")}
    return {
        module: _named(ast.parse(path.read_text(encoding="utf-8"))) & files.keys()
        for module, path in files.items()
    }


def _named(code):
    """Return all names that may be modules in the imports of a parsed file."""
    found = set()
    for node in ast.walk(code):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def _module_of(package, file):
    """Return the name of a package's module of a file, relative to the package."""
    parts = Path(package, file).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@contextmanager
def _afresh(belongs):
    """Within, the modules whose names belong are imported anew; afterwards they are as before,
    and what the packages above them have under their names is too: that need not be the
    module, as a package may give a function its module's name.
    """
    ours = {name: module for name, module in sys.modules.items() if belongs(name)}
    above = [
        (sys.modules.get(parent), last)
        for parent, _, last in (name.rpartition(".") for name in ours)
    ]
    known = [(p, last, getattr(p, last)) for p, last in above if hasattr(p, last)]
    for package, attribute, value in known:
        if isinstance(value, ModuleType):  # or ``from package import module`` finds this one
            delattr(package, attribute)
    for name in ours:
        del sys.modules[name]
    try:
        yield
    finally:
        for name in [name for name in sys.modules if belongs(name)]:
            del sys.modules[name]
        sys.modules.update(ours)
        for package, attribute, value in known:
            setattr(package, attribute, value)


# ------------------------------------------------------------------ Keras's optimizers

OPTIMIZERS = "keras.src.optimizers"
TENSORFLOW_BASE = "keras.src.backend.tensorflow.optimizer"


@contextmanager
def planted_keras(plant):
    """Within, ``keras.optimizers`` has classes with the defect; they keep it when used later.

    plant.file: relative to ``keras``: an optimizer's file, or that of a base class,
    "src/optimizers/base_optimizer.py" or "src/backend/tensorflow/optimizer.py".  The
    modules of all optimizers are imported a second time, beside the real ones.

    Raises DoesNotFit where the installed Keras does not have the line.
    """
    import keras

    classes = [c for c in vars(keras.optimizers).values() if isinstance(c, type)]
    homes = {c.__name__: c.__module__ for c in classes if _of_optimizers(c.__module__)}
    with PlantedFile(plant), _keras_unchanged(), _afresh(_of_optimizers):
        wrong = {name: getattr(import_module(home), name) for name, home in homes.items()}
    with mock.patch.multiple(keras.optimizers, **wrong):
        yield


class PlantedFile(SourceFileLoader):
    """Within its context, Python imports one file of a package with a defect in it."""

    def __init__(self, plant):
        path = Path(find_spec(plant.tree).origin).parent / plant.file
        if not path.exists():
            raise DoesNotFit(f"{plant.tree}/{plant.file} does not exist")
        super().__init__(_module_of(plant.tree, plant.file), str(path))
        self.plant = plant

    def __enter__(self):
        sys.meta_path.insert(0, self)

    def __exit__(self, *_):
        sys.meta_path.remove(self)

    def find_spec(self, name, path=None, target=None):
        """Answer for the one module; leave all others to the next finder."""
        return spec_from_file_location(name, self.path, loader=self) if name == self.name else None

    def get_code(self, name):
        """Compile the changed source; the byte code that Python keeps is of the real one."""
        return self.source_to_code(changed(self.get_source(name), self.plant), self.path)


def _of_optimizers(name):
    """Say whether a module is one of Keras's optimizers; their schedules stay as they are."""
    if name == TENSORFLOW_BASE:
        return True
    inside = name == OPTIMIZERS or name.startswith(f"{OPTIMIZERS}.")
    return inside and not name.startswith(f"{OPTIMIZERS}.schedules")


@contextmanager
def _keras_unchanged():
    """Afterwards, the names by which Keras saves and loads mean the real classes again."""
    from keras.src import api_export

    names, classes = api_export.REGISTERED_NAMES_TO_OBJS, api_export.REGISTERED_OBJS_TO_NAMES
    with mock.patch.dict(names), mock.patch.dict(classes):
        yield
