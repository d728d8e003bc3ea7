"""The rooms of the package stand as docs/design.md lists them: each imports from those above it."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "equivalence"
LOOSE = ("__init__", "__main__", "errors", "templates", "trees")


def listed():
    """Return the rooms in the order of the design's list, the loose modules first."""
    text = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    _, _, rest = text.partition("a room imports from those above it in this list:")
    block = rest.split("\n\n")[1]
    return ["errors", "templates", "trees", *re.findall(r"^    ([a-z_]+)/ ", block, re.MULTILINE)]


@cache
def imported(path):
    """Return the rooms that a module imports from, and the lines."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            package, _, rest = name.partition(".")
            if package == "equivalence" and rest:
                found.append((rest.partition(".")[0], node.lineno))
    return found


def uphill(rooms):
    """Return (module, line, room) of every import from a room below in the list."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).parts
        room = parts[0] if len(parts) > 1 else path.stem
        if room in rooms:
            for other, line in imported(path):
                if other in rooms and rooms.index(other) > rooms.index(room):
                    found.add(("/".join(parts), line, other))
    return found


def test_every_room_is_in_the_list_and_nothing_else_is():
    there = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert set(listed()) == there | {"errors", "templates", "trees"}
    assert {path.stem for path in PACKAGE.glob("*.py")} == set(LOOSE)


def test_a_room_imports_only_from_those_above_it():
    assert uphill(listed()) == set()


def test_an_import_from_below_would_be_found():
    upside_down = listed()[::-1]
    assert ("steps/program.py", "arithmetic") not in uphill(listed())
    assert any(other == "errors" for _, _, other in uphill(upside_down))
