"""The tables and programs in the pages that come from the code.

    python docs/tables.py           fills them in, in README.md and docs/*.md
    python docs/tables.py --check   says which pages are not as the code has them

In a page a table stands between ``<!-- table: NAME -->`` and ``<!-- end -->``; NAME is a
function of ``TABLES``.  A test holds every page against them.
"""

import inspect
import re
import sys
from dataclasses import fields
from pathlib import Path

import equivalence
from equivalence import defects
from equivalence.cli.parser import parser
from equivalence.defects.schedules import SCHEDULE_ROWS
from equivalence.diagnose import pages
from equivalence.engines.table import ENGINES
from equivalence.pairs.optimizers import OPTIMIZERS
from equivalence.results import markdown
from equivalence.results.journal import merged
from equivalence.results.result import CAUSES
from equivalence.texts import TEXTS, printed
from equivalence.texts.today import ROWS as TODAY

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
MARKED = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def commands():
    """Return the commands and what each does, as its ``--help`` has it."""
    of = next(a for a in parser()._actions if hasattr(a, "_choices_actions"))
    return _table(
        ("command", "what it does"),
        [(f"`equivalence {row.dest}`", row.help) for row in of._choices_actions],
    )


def engines():
    """Return the engines."""
    return _table(
        ("engine", "sign", "what it is", "twins", "run unasked"),
        [
            (
                f"`{row.name}`",
                row.letter,
                row.words,
                ", ".join(row.twins),
                "yes" if row.usual else "",
            )
            for row in ENGINES.values()
        ],
    )


def optimizers():
    """Return every optimizer on the given gradients, as the committed file has it."""
    return markdown.markdown(merged([str(ROOT / "results" / "optimizers.jsonl")]).records)


def optimizer_classes():
    """Return the rows of the table of optimizers, and the file of each."""
    found = []
    reference = equivalence.trees.reference()
    for name, build in OPTIMIZERS.items():
        kind = type(build(reference))
        file = f"{kind.__module__.replace('.', '/')}.py"
        found.append((f"`given-{name}`", kind.__name__, f"`{file}`"))
    return _table(("pair", "class", "mathematics"), found)


def known_causes():
    """Return why weights do not match, part by part."""
    return pages.causes()


def known_defects():
    """Return every known defect of Keras and TensorFlow."""
    rows = (*defects.ROWS, *SCHEDULE_ROWS, *defects.FUNCTION_DEFECTS)
    return _table(
        ("defect", "what", "seen in", "upstream"),
        [
            (f"`{row.name}`", row.what, row.seen, f"<{row.link}>" if row.link else "")
            for row in rows
        ],
    )


def departures():
    """Return where Keras departs from papers or its own text, and the reference with it."""
    return _table(
        ("departure", "what"), [(f"`{row.name}`", row.what) for row in defects.DEPARTURES]
    )


def causes():
    """Return the codes of why a verdict is what it is."""
    return _table(("cause", "meaning"), [(f"`{name}`", words) for name, words in CAUSES.items()])


def fields_of_a_result():
    """Return the fields of a Result, and what each is."""
    told = _told(equivalence.Result)
    return _table(
        ("field", "type", "what it is"),
        [(f"`{f.name}`", f"`{f.type}`", told.get(f.name, "")) for f in fields(equivalence.Result)],
    )


def api():
    """Return the public names: signature and docstring."""
    lines = []
    for name in sorted(equivalence.__all__, key=str.lower):
        thing = getattr(equivalence, name)
        lines += [f"### `equivalence.{name}`", ""]
        if not callable(thing):
            lines += [f"A `{type(thing).__name__}` of {len(thing)} rows.", ""]
            continue
        if inspect.isfunction(thing):
            arguments = inspect.signature(thing).parameters.values()
            lines += ["```text", f"{name}("]
            lines += [f"    {argument}," for argument in arguments]
            lines += [")", "```", ""]
        lines += ["```text", inspect.getdoc(thing) or "", "```", ""]
    return lines[:-1]


def texts():
    """Return the five course texts."""
    return _table(
        ("key", "name", "title", "what it is", "language"),
        [(row.key, row.name, _title(row), row.kind, row.language) for row in TEXTS.values()],
    )


def texts_in_korean():
    """Return the same in Korean."""
    return _table(
        ("번호", "이름", "제목", "내용"),
        [(row.key, row.name, _title(row), row.korean) for row in TEXTS.values()],
    )


def _title(text):
    return ", ".join(filter(None, (text.title, text.author)))


def today():
    """Return what the texts write that stops now, and both programs of each."""
    return _old_and_new(("Where", "Then", "Now"), lambda row: f"It {row.ends}: {row.why}.")


def today_in_korean():
    """Return the same in Korean."""
    words = ("나오는 곳", "예전 코드", "지금 쓸 코드")
    return _old_and_new(words, lambda row: f"{row.korean}.")


def _old_and_new(words, told):
    where, then, now = words
    lines = []
    for row in TODAY:
        lines += [f"### `{row.name}`", "", f"{where}: {printed(row.sections)}.  {told(row)}", ""]
        for word, program in ((then, row.then), (now, row.now)):
            lines += [f"{word}:", "", "```text", *program.splitlines(), "```", ""]
    return lines[:-1]


TABLES = {
    table.__name__.replace("_", "-"): table
    for table in (
        api,
        causes,
        commands,
        departures,
        engines,
        fields_of_a_result,
        known_causes,
        known_defects,
        optimizer_classes,
        optimizers,
        texts,
        texts_in_korean,
        today,
        today_in_korean,
    )
}


def filled(text):
    """Return a page with its tables as the code has them."""
    return MARKED.sub(lambda at: "\n".join([at[1], *TABLES[at[2]](), "", at[3]]), text)


def _table(head, rows):
    """Return the lines of a Markdown table."""
    cell = lambda words: " ".join(str(words).split()).replace("|", "\\|")
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(map(cell, line))} |" for line in lines]


def _told(kind):
    """Return {field: words} of a class's docstring, whose lines are ``field: words``."""
    told, name = {}, None
    for line in inspect.getdoc(kind).splitlines():
        if found := re.match(r"(\w+): (.*)", line):
            name, told[found[1]] = found[1], found[2]
        elif name and line.startswith("    "):
            told[name] += f" {line.strip()}"
        else:
            name = None
    return told


def main(arguments):
    """Fill in the pages, or say which are not filled in."""
    stale = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        if filled(text) != text:
            stale.append(str(page.relative_to(ROOT)))
            if "--check" not in arguments:
                page.write_text(filled(text), encoding="utf-8")
    print("\n".join(stale) or "every page is as the code has it")
    return int(bool(stale) and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
