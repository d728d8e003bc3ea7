"""The twins on pages of HTML that need nothing else: one page, or a folder with an index."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from equivalence.reader import index, mathematics, prose
from equivalence.reader.align import align, by_mark, same, show_mark
from equivalence.reader.sources import concepts, read_sections
from equivalence.templates import read_templates

# Pygments' classes that have no colour of their own in ``style.css.j2``.
PLAIN = re.compile(r'<span class="(?:w|n|p|o|nn|nb|bp|vm|ne|il)">(.*?)</span>')
LEXER, FORMATTER = PythonLexer(stripnl=False, ensurenl=False), HtmlFormatter(nowrap=True)


def write_page(files, title, path, lead=None):
    """Write the twins in each file, in this order, as a page; return its path.

    lead: what comes before them, a ``lead.Lead``.
    """
    twins = [_twin(file) for file in files]
    path = Path(path)
    path.write_text(_page(title, twins, lead), encoding="utf-8")
    return path


def write_all(folder, lead_of=lambda pair: None):
    """Write all twins, a page each, a page for every pair of a text, and ``index.html``.

    lead_of: of a pair, what its page shows, a ``lead.Lead``.
    Returns the paths as they are written, the index at the end.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    topics = [file for _, files in index.by_topic() for file in files]
    link_of = lambda file: Link(f"{index.anchor(file)}.html", PurePosixPath(file).stem)
    for file, around in _in_a_row(topics, link_of):
        html = _page(PurePosixPath(file).stem, [_twin(file)], around=around)
        yield _written(folder / f"{index.anchor(file)}.html", html)
    pairs = index.pairs_of_texts()
    for pair, around in _in_a_row(pairs, lambda pair: Link(index.page_of(pair), pair.name)):
        contents = [_entry(file) for file in pair.files if file in concepts().values()]
        html = _page(pair.name, [], lead_of(pair), around, contents)
        yield _written(folder / index.page_of(pair), html)
    entries = [(topic, [_entry(file) for file in files]) for topic, files in index.by_topic()]
    page = _template("index.html.j2")
    yield _written(
        folder / "index.html",
        page.render(title="NumPy and TensorFlow", texts=index.by_text(), topics=entries),
    )


@dataclass(frozen=True)
class Link:
    """Where a link leads, and what it is called."""

    href: str
    name: str


@dataclass(frozen=True)
class Around:
    """The pages before and after one, Links or None."""

    before: Link | None
    after: Link | None


def _in_a_row(things, link_of):
    """Yield each of several things with the Links to those around it."""
    things = list(things)
    for k, thing in enumerate(things):
        before = link_of(things[k - 1]) if k else None
        after = link_of(things[k + 1]) if k + 1 < len(things) else None
        yield thing, Around(before, after)


def _written(path, html):
    path.write_text(html, encoding="utf-8")
    return path


def _entry(file):
    """Return the link to a concept's page and what it is, in a sentence."""
    summary = _summary(_twin(file)["lead"])
    return {"href": f"{index.anchor(file)}.html", "name": PurePosixPath(file).stem} | {
        "summary": summary
    }


def _page(title, twins, lead=None, around=None, contents=None):
    """Return a page as HTML.

    contents: links to what stands on other pages; without them, to the twins of this one.
    """
    if contents is None:
        contents = [
            {"href": f"#{twin['id']}", "name": twin["name"], "summary": _summary(twin["lead"])}
            for twin in twins
        ]
    listing = _rows_of(lead.listing) if lead and lead.listing else []
    groups = [group for twin in twins for part in twin["sections"] for group in part["groups"]]
    steps = {step for group in (*groups, *listing) for step in group["steps"]}
    return _template("page.html.j2").render(
        title=title,
        twins=twins,
        lead=lead,
        listing=listing,
        around=around,
        contents=contents,
        steps=range(1, max(steps, default=0) + 1),
    )


def _rows_of(listing):
    """Return the groups of lines of a Listing, NumPy's beside Keras's."""
    return [_group(group) for group in by_mark(align(listing.numpy, listing.keras))]


@cache
def _template(name):
    return read_templates(Path(__file__).parent, marked=marked).get_template(name)


@cache
def _twin(file):
    parts = read_sections(file)
    return {
        "id": index.anchor(file),
        "name": PurePosixPath(file).stem,
        "file": file,
        "lead": parts[0].docstrings if parts and not parts[0].name else ("", ""),
        "sections": [
            {
                "name": part.name,
                "prose": _prose(*part.docstrings),
                "groups": [_group(group) for group in by_mark(part.rows)],
            }
            for part in parts
        ],
    }


def _summary(docstrings):
    """Return the first paragraph of two docstrings, what they are of."""
    for text in docstrings:
        blocks = prose.parse(text) if text else []
        if blocks and isinstance(blocks[0], prose.Paragraph):
            return blocks[0].text.rstrip(":")
    return ""


def _prose(left, right):
    """One list of blocks where one text says both, otherwise one for each side."""
    shared = prose.once(left, right)
    return [
        _blocks(text) for text in ((left, right) if shared is None else (shared,) if shared else ())
    ]


def _blocks(text):
    blocks = []
    for block in prose.parse(text):
        if isinstance(block, prose.Paragraph):
            blocks.append({"kind": "paragraph", "text": block.text})
        elif isinstance(block, prose.Table):
            blocks.append({"kind": "table", "head": block.head, "body": block.body})
        elif lines := _formulas(block.text):
            blocks.append({"kind": "formulas", "lines": lines})
        else:
            blocks.append({"kind": "literal", "text": block.text})
    return blocks


def _formulas(text):
    """Return the lines of a literal block as mathematics and words; none if it is no such block."""
    lines = text.splitlines()
    if any(line.rstrip().endswith(":") or re.match(r"\s*\(\d\) ", line) for line in lines):
        return []
    found = []
    for line in lines:
        inside, words = _formula_and_words(line.strip())
        shown = Markup(mathematics.math(inside, block=True)) if inside else ""
        goes_on = line.startswith(" ") and bool(found)
        found.append({"math": shown, "words": words, "goes_on": goes_on})
    return found if any(line["math"] for line in found) else []


def _formula_and_words(line):
    """Return the formula of a line as MathML, or "", and the words before or behind it."""
    label, *rest = re.split(r"\s{2,}", line, maxsplit=1)
    if split := mathematics.split(line):
        return split[0], split[1].strip(" ,;")
    if split := rest and mathematics.split(rest[0]):  # as in "dot:     s = q k"
        return split[0], f"{label} {split[1].strip(' ,;')}".strip()
    return "", line


# A sentence that begins by saying what something is: y = ..., w <- ....
SAYS = re.compile(r"[A-Za-z_'/]+(\([^)]*\))?'? (=|<-) ")


def marked(text):
    """Return a paragraph as HTML: its literals as code, and sentences that are formulas as math."""
    parts = []
    for part, literal in prose.inline(text):
        if literal:
            parts.append(Markup("<code>{}</code>").format(part))
            continue
        for sentence in re.split(r"(?<=[;.:])( )", part):
            split = SAYS.match(sentence) and mathematics.split(sentence)
            if split:
                parts += [Markup(mathematics.math(split[0])), escape(split[1])]
            else:
                parts.append(escape(sentence))
    return Markup("").join(parts)


def _group(rows):
    marks = [side.mark for row in rows for side in (row.left, row.right) if side and side.mark]
    return {
        "steps": {step for mark in marks for step in _steps(mark)},
        "kind": rows[0].kind,
        "same": len(rows) == 1 and same(rows[0]),
        "range": len(rows) > 1,
        "left": [_cell(row.left) for row in rows if row.left],
        "right": [_cell(row.right) for row in rows if row.right],
    }


def _steps(mark):
    return range(mark[0], mark[1] + 1)


def _cell(line):
    return {
        "number": line.number,
        "html": _highlight(line.code.lstrip()),
        "indent": len(line.code) - len(line.code.lstrip()),
        "mark": show_mark(line.mark).replace("-", "\u2013") if line.mark else "",
        "steps": " ".join(map(str, _steps(line.mark))) if line.mark else "",
    }


@cache
def _highlight(code):
    return Markup(PLAIN.sub(r"\1", highlight(code, LEXER, FORMATTER).rstrip("\n")))
