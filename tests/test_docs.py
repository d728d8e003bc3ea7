"""What the pages say holds: their tables are the code's, their commands and programs run."""

import re
import shlex
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from helpers.turns import number

from equivalence import trees
from equivalence.cli.parser import main
from equivalence.judge.verdict import AGREE
from equivalence.pairs import books, optimizers
from equivalence.pairs.table import PAIRS
from equivalence.results.result import Spec
from equivalence.runs.run import run

pytestmark = pytest.mark.tensorflow

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```\n((?: *<!-- \w+: [^\n]* -->\n)*)", re.M | re.S)
TOLD = re.compile(r"<!-- (\w+): (.*) -->")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def tables():
    """Return the module that fills in the pages."""
    spec = spec_from_file_location("tables", ROOT / "docs" / "tables.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PAGES = tables().PAGES


def blocks(page, language):
    """Yield (text, what is told behind it) of every block of a page in one language."""
    for indent, kind, text, told in BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind == language:
            lines = (line.removeprefix(indent) for line in text.splitlines())
            yield "\n".join(lines), TOLD.findall(told)


def named(page):
    return str(page.relative_to(ROOT))


def marks_of(command):
    """Return the marks of its test: two of three are outer, and a process for each setting."""
    return [pytest.mark.outer] if "--switch" in command or number(command) % 3 else []


COMMANDS = [
    pytest.param(command, told, id=f"{named(page)}: {command}", marks=marks_of(command))
    for page in PAGES
    for text, told in blocks(page, "console")
    for command in (line.removeprefix("$ ") for line in text.splitlines())
]
PROGRAMS = [
    pytest.param(text, id=f"{named(page)}-{number}")
    for page in PAGES
    for number, (text, _) in enumerate(blocks(page, "python"))
    if not text.startswith('"""')  # a file of one of the trees
]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_the_tables_of_a_page_are_as_the_code_has_them(page):
    text = page.read_text(encoding="utf-8")
    assert tables().filled(text) == text, "python docs/tables.py fills them in"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_what_a_page_links_to_is_there(page):
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_every_page_is_in_the_navigation():
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = [page for page in PAGES if page.parent != ROOT]
    assert [
        named(p) for p in pages if p.relative_to(ROOT / "docs").as_posix() not in navigation
    ] == []


def test_the_built_pages_are_searched_without_a_server_or_a_network():
    """Else the plugin takes what runs the theme's worker in a page of a file from the net."""
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert re.search(r"^plugins:\n  - search\n  - offline\b", settings, re.M)
    (script,) = re.findall(r"^  polyfills:\n    - (.*iframe-worker.*)$", settings, re.M)
    assert "://" not in script and (ROOT / "docs" / script).is_file()


@pytest.mark.parametrize(("command", "told"), COMMANDS)
def test_a_command_of_a_page_does_what_is_said(command, told, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    program, *arguments = shlex.split(command)
    assert program == "equivalence"
    code = main(arguments)
    printed = " ".join(capsys.readouterr().out.split())
    told = {what: [w for kind, w in told if kind == what] for what in ("exits", "prints")}
    assert str(code) == (told["exits"] or ["0"])[0], printed
    assert [words for words in told["prints"] if words not in printed] == []


@pytest.mark.parametrize("text", PROGRAMS)
def test_a_program_of_a_page_runs(text, capsys):
    exec(compile(text, "page", "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out


def test_the_program_with_the_whole_idea_says_what_the_page_says(capsys):
    (text,) = (text for text, _ in blocks(ROOT / "docs" / "idea.md", "python"))
    assert len([line for line in text.splitlines() if line.strip()]) <= 60
    exec(compile(text, "page", "exec"), {"__name__": "__main__"})
    *same, wrong = capsys.readouterr().out.splitlines()
    assert len(same) == 3 and all("identical" in line for line in same)
    times = int(re.search(r"(\d+) times the bound", wrong)[1])
    assert times > 1000


def _added(monkeypatch, tree, text):
    """Run the file of a page as one of a tree, and name its class there."""
    module = ModuleType(f"added_{tree}")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(text, module.__name__, "exec"), module.__dict__)
    (kind,) = (
        v for v in vars(module).values() if isinstance(v, type) and v.__module__ == module.__name__
    )
    monkeypatch.setattr(getattr(trees, tree)(), kind.__name__, kind, raising=False)
    return kind


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_page_on_adding_a_pair_adds_one(dtype, monkeypatch):
    ours, theirs, *_ = (text for text, _ in blocks(ROOT / "docs" / "extend.md", "python"))
    _added(monkeypatch, "reference", ours)
    _added(monkeypatch, "tensorflow", theirs)
    (row,) = (t for t, _ in blocks(ROOT / "docs" / "extend.md", "text") if "isru" in t)
    pair = eval(row.rstrip(","), vars(books).copy())
    monkeypatch.setitem(PAIRS, pair.name, pair)
    for twin, engine in (("tape", "eager"), ("tape", "xla"), ("keras", "graph")):
        result = run(Spec(pair.name, dtype, twin, engine, epochs=3))
        assert result.verdict in AGREE, result


def test_the_page_on_adding_an_optimizer_adds_one(monkeypatch):
    (ours,) = (t for t, _ in blocks(ROOT / "docs" / "extend.md", "python") if "Signum" in t)
    _added(monkeypatch, "reference", ours)
    twin = ours.replace("numpy as np", "tensorflow as tf").replace("np.", "tf.")
    twin = twin.replace("refimpl", "tfimpl").replace("from tfimpl.checks import fraction\n", "")
    twin = re.sub(r"    def __post_init__.*?\n\n", "", twin, flags=re.S)
    _added(monkeypatch, "tensorflow", twin)
    (row,) = (t for t, _ in blocks(ROOT / "docs" / "extend.md", "text") if "signum" in t)
    name, _, build = row.strip().rstrip(",").partition(": ")
    pair = optimizers.given(f"given-{eval(name)}", "the page", eval(build))
    monkeypatch.setitem(PAIRS, pair.name, pair)
    for engine in ("eager", "graph"):
        result = run(Spec(pair.name, "float32", "tape", engine))
        assert result.verdict in AGREE, result
