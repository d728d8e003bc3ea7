"""Where the sources of the two trees lie."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from equivalence.reader.align import Section, align, sections


def tree(package):
    """Return the folder of a package without importing it."""
    return Path(find_spec(package).submodule_search_locations[0])


@cache
def concepts():
    """Return every concept that has twins: ``{"adam": "optimizers/adam.py", ...}``."""
    left, right = tree("refimpl"), tree("tfimpl")
    files = sorted(path.relative_to(left) for path in left.rglob("*.py"))
    return {
        file.stem: file.as_posix()
        for file in files
        if file.name != "__init__.py" and (right / file).exists()
    }


def read(file):
    """Return the sources of the twins in ``file``, NumPy first.

    Raises ValueError, with the files there are, if ``file`` has no twins.
    """
    known = sorted(concepts().values())
    if file not in known:
        raise ValueError(f"no twins in {file!r}; there are {', '.join(known)}")
    return tuple((tree(p) / file).read_text(encoding="utf-8") for p in ("refimpl", "tfimpl"))


@cache
def read_sections(file) -> list[Section]:
    """Return the twins in ``file``, aligned and cut into sections."""
    return sections(align(*read(file)))
