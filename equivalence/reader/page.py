"""The twins on a page: one HTML file that needs nothing else."""

from functools import cache
from pathlib import Path, PurePosixPath

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from equivalence.reader import index, prose
from equivalence.reader.align import by_mark, same, show_mark
from equivalence.reader.sources import concepts, read_sections

LEXER, FORMATTER = PythonLexer(stripnl=False, ensurenl=False), HtmlFormatter(nowrap=True)


def write_all(path):
    """Write all twins as one page, with an index by text and section and by topic."""
    texts, topics = index.by_text(), index.by_topic()
    files = [file for _, entries in topics for _, file in _files(entries)]
    return write_page(files, "All twins", path, texts=texts, topics=topics)


def _files(entries):
    known = {index.anchor(file): file for file in concepts().values()}
    return [(name, known[at]) for name, at in entries]


def write_page(files, title, path, texts=(), topics=()):
    """Write the twins in each file, in this order, as a page; return its path.

    texts, topics: an index, see ``index.by_text`` and ``index.by_topic``.
    """
    twins = [_twin(file) for file in files]
    steps = max((step for twin in twins for step in twin["steps"]), default=0)
    html = _template().render(
        title=title, twins=twins, steps=range(1, steps + 1), texts=texts, topics=topics
    )
    path = Path(path)
    path.write_text(html, encoding="utf-8")
    return path


@cache
def _template():
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["inline"] = prose.inline
    return environment.get_template("page.html.j2")


def _twin(file):
    parts = read_sections(file)
    rows = [row for part in parts for row in part.rows]
    marks = [side.mark for row in rows for side in (row.left, row.right) if side and side.mark]
    lead = parts[0].docstrings if parts and not parts[0].name else ("", "")
    return {
        "id": index.anchor(file),
        "name": PurePosixPath(file).stem,
        "file": file,
        "summary": _summary(lead),
        "steps": sorted({step for mark in marks for step in _steps(mark)}),
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
    for text in docstrings:
        blocks = prose.parse(text) if text else []
        if blocks and isinstance(blocks[0], prose.Paragraph):
            return prose.inline(blocks[0].text.rstrip(":"))
    return []


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
            blocks.append({"kind": "paragraph", "parts": prose.inline(block.text)})
        elif isinstance(block, prose.Literal):
            blocks.append({"kind": "literal", "text": block.text})
        else:
            blocks.append({"kind": "table", "head": block.head, "body": block.body})
    return blocks


def _group(rows):
    return {
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
    return Markup(highlight(code, LEXER, FORMATTER).rstrip("\n"))
