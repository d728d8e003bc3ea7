"""The command ``diagnose``: why somebody's own weights do not match Keras's."""

import importlib.util
import os
import sys
from pathlib import Path

from equivalence.errors import BadInput


def diagnose_mine(options, console, errors):
    """The command ``diagnose``: 0 where the numbers agree, 1 where they do not."""
    from equivalence.diagnose.diagnosing import diagnose
    from equivalence.results.journal import Journal

    if bool(options.model) == bool(options.pair):
        raise BadInput("give Keras's side, one of --model FILE.py:NAME and --pair NAME")
    mine = brought(options.mine)
    model = options.pair or built(options.model)
    x, y, weights = _data(options.data)
    with Journal(options.json, plan={}) as journal:
        answer = diagnose(
            mine, model, x, y, weights=weights, steps=options.steps, batch_size=options.batch_size
        )
        journal.add_record(answer.record())
    console.print(str(answer), markup=False, highlight=False, soft_wrap=True)
    if answer.data is not None:
        console.print(_written(answer.data, options), markup=False, soft_wrap=True)
    return 0 if answer.agrees else 1


def _written(data, options):
    """Write the data that tell causes apart where they are asked for; return what to do."""
    if data.x is None:
        return f"To tell them apart: --steps {data.steps}."
    if not options.tell:
        return (
            "To tell them apart: --tell FILE.npz writes the data; bring what yours gives on them."
        )
    try:
        data.save(options.tell)
    except OSError as error:
        raise BadInput(f"cannot write {options.tell!r}: {error.strerror}") from error
    return f"Written: {options.tell}; run yours on it and ask again with --data {options.tell}."


def brought(text):
    """Return what MINE names: an .npz file's path, or an object of a Python file."""
    if text.endswith(".npz"):
        return text
    return named(text)


def built(text):
    """Return what --model names: an object, or what a function of no arguments returns."""
    found = named(text)
    if callable(found) and not type(found).__module__.startswith("keras"):
        try:
            return found()
        except Exception as error:  # somebody's function may raise anything
            words = str(error).split("\n")[0]
            raise BadInput(f"{text} raised {type(error).__name__}: {words}") from error
    return found


def named(text):
    """Return the object that FILE.py:NAME names."""
    path, separator, name = text.rpartition(":")
    if not separator or not path.endswith(".py"):
        raise BadInput(f"{text!r} is neither FILE.py:NAME nor FILE.npz")
    if not os.path.exists(path):
        raise BadInput(f"cannot read {path!r}: no such file")
    module = _imported(path)
    if not hasattr(module, name):
        known = ", ".join(k for k in vars(module) if not k.startswith("_"))
        raise BadInput(f"{path} has no {name!r}; it has {known}")
    return getattr(module, name)


def _imported(path):
    """Import a file as a module of its own, with the files beside it in reach.

    It may be called as a module of Python's is, ``code.py``, which TensorFlow imports: so it gets a
    name of its own, and what lies beside it is looked for last.
    """
    folder, name = os.path.dirname(os.path.abspath(path)), f"brought_{Path(path).stem}"
    if folder not in sys.path:
        sys.path.append(folder)
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # a dataclass looks its module up
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # somebody's file may raise anything
        words = str(error).split("\n")[0]
        raise BadInput(f"{path} raised {type(error).__name__}: {words}") from error
    return module


def _data(path):
    """Return inputs, targets and weights of an .npz file, None for what it has not.

    Several inputs or targets are called x/NAME and y/NAME, or x/0, x/1, ...
    """
    if path is None:
        return None, None, None
    from equivalence.runs.inputs import read

    arrays = dict(read(path))
    first = lambda *names: next((arrays.pop(n) for n in names if n in arrays), None)
    x, y = _several(arrays, "x"), _several(arrays, "y")
    x = first("inputs", "x", "X", "gradients") if x is None else x
    y = first("targets", "y", "Y", "t", "T") if y is None else y
    if x is None and not all(k.startswith("gradients/") for k in arrays):
        raise BadInput(
            f"{path} has no inputs: name them inputs (or x) and the targets targets (or y)"
        )
    if x is None:
        x, arrays = {k.split("/", 1)[1]: v for k, v in arrays.items()}, {}
    return x, y, list(arrays.values()) or None


def _several(arrays, word):
    """Take the arrays word/NAME out of a file's: a dict of them, a list of 0, 1, ..., or None."""
    found = {k.partition("/")[2]: arrays.pop(k) for k in [*arrays] if k.startswith(f"{word}/")}
    if not found:
        return None
    if set(found) == {str(k) for k in range(len(found))}:
        return [found[str(k)] for k in range(len(found))]
    return found
