"""Which line of one source stands beside which line of its twin.

What stands on one row says the same on both sides; everything else has a row of
its own.  Three things decide it, in this order: the names (a class, a function
stands beside its namesake), the step marks (``# (7)``, and ``# (6)-(11)`` where
one line does what several do on the other side), and the text.
"""

import ast
import io
import re
import tokenize
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from inspect import cleandoc
from itertools import groupby, zip_longest

MARK = re.compile(r"#\s*\((\d+)\)(?:\s*-\s*\((\d+)\))?(?:\s+(?=\S)(.*))?\s*$")
ALIKE = 0.6  # from this likeness on, two lines without a mark are a pair


@dataclass(frozen=True)
class Line:
    """One line of a source; ``code`` is its text without the step mark."""

    number: int
    text: str
    code: str
    mark: tuple[int, int] | None = None


@dataclass(frozen=True)
class Row:
    """A line of each side, or of one.

    ``mark`` holds the first and last step of the row.  Where one line stands for
    several steps, the rows beside it share its mark.  ``kind`` is docstring,
    import, class, def, code or blank; ``name`` the class or function around it.
    """

    left: Line | None
    right: Line | None
    mark: tuple[int, int] | None
    kind: str
    name: str = ""


@dataclass(frozen=True)
class Block:
    """Consecutive lines of one kind and name."""

    kind: str
    name: str
    lines: tuple[Line, ...]

    @property
    def key(self):
        return self.kind, self.name


@dataclass(frozen=True)
class Section:
    """A class or function (or what comes before the first), and its docstrings."""

    name: str
    docstrings: tuple[str, str]
    rows: tuple[Row, ...]


# ---------------------------------------------------------------- one source


def read_lines(source):
    """Return the lines of a source; only real comments count as step marks."""
    lines = [
        Line(number, text.rstrip(), text.rstrip())
        for number, text in enumerate(source.splitlines(), start=1)
    ]
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        found = token.type == tokenize.COMMENT and MARK.match(token.string)
        if found:
            number, column = token.start
            first, last, words = found.groups()
            text = lines[number - 1].text
            code = text[:column] + (f"# {words}" if words else "")
            mark = int(first), int(last or first)
            lines[number - 1] = Line(number, text, code.rstrip(), mark)
    return lines


def step_marks(source):
    """Return the (first, last) of every step mark, in the order of the lines."""
    return [line.mark for line in read_lines(source) if line.mark]


def split(source):
    """Cut a source into blocks; a blank line belongs to the block before it."""
    lines = read_lines(source)
    keys = [("code", "")] * len(lines)

    def claim(kind, name, first, last):
        keys[first - 1 : last] = [(kind, name)] * (last - first + 1)

    def claim_docstring(node, name):
        if ast.get_docstring(node) is not None:
            claim("docstring", name, node.body[0].lineno, node.body[0].end_lineno)

    module = ast.parse(source)
    claim_docstring(module, "")
    for node in module.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            claim("import", "", node.lineno, node.end_lineno)
        elif isinstance(node, ast.ClassDef):
            claim("code", node.name, node.lineno, node.end_lineno)
            claim("class", node.name, _first_line(node), _first_line(node.body[0]) - 1)
            claim_docstring(node, node.name)
            for child in node.body:
                if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    name = f"{node.name}.{child.name}"
                    claim("def", name, _first_line(child), child.end_lineno)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            claim("def", node.name, _first_line(node), node.end_lineno)
    for index, line in enumerate(lines):
        if index and not line.text and keys[index][0] != "docstring":
            keys[index] = keys[index - 1]
    pairs = groupby(zip(keys, lines, strict=True), key=lambda pair: pair[0])
    return [Block(*key, tuple(line for _, line in group)) for key, group in pairs]


def _first_line(node):
    return min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])


# --------------------------------------------------------------- two sources


def align(left, right):
    """Return the rows of two sources; every line of both is in one row, in order."""
    ours, theirs = split(left), split(right)
    matcher = SequenceMatcher(None, [b.key for b in ours], [b.key for b in theirs], autojunk=False)
    rows = []
    for same, i1, i2, j1, j2 in matcher.get_opcodes():
        if same == "equal":
            for block, twin in zip(ours[i1:i2], theirs[j1:j2], strict=True):
                rows += _align_blocks(block, twin)
        else:
            for block in ours[i1:i2]:
                rows += _align_blocks(block, Block(*block.key, ()))
            for twin in theirs[j1:j2]:
                rows += _align_blocks(Block(*twin.key, ()), twin)
    return rows


def _align_blocks(block, twin):
    """The text of two blocks, then the blank lines after it."""
    left, left_blanks = _cut_blanks(block.lines)
    right, right_blanks = _cut_blanks(twin.lines)
    if block.kind == "docstring":
        pairs = [(*pair, None) for pair in zip_longest(left, right)]
    else:
        pairs = _align_lines(left, right)
    pairs += [(*pair, None) for pair in zip_longest(left_blanks, right_blanks)]
    for ours, theirs, mark in pairs:
        text = (ours.text if ours else "") + (theirs.text if theirs else "")
        kind = block.kind if text or block.kind == "docstring" else "blank"
        yield Row(ours, theirs, mark, kind, block.name)


def _cut_blanks(lines):
    end = len(lines)
    while end and not lines[end - 1].text:
        end -= 1
    return lines[:end], lines[end:]


def _align_lines(left, right):
    """Anchor the lines at the steps that both sides have; pair the rest by text."""
    pairs = []
    i = j = 0
    for span in _spans([*left, *right]):
        ours = [k for k, line in enumerate(left) if _within(line.mark, span)]
        theirs = [k for k, line in enumerate(right) if _within(line.mark, span)]
        if ours and theirs and ours[0] >= i and theirs[0] >= j:
            pairs += _pair_by_text(left[i : ours[0]], right[j : theirs[0]])
            i, j = ours[-1] + 1, theirs[-1] + 1
            beside = zip_longest(left[ours[0] : i], right[theirs[0] : j])
            pairs += [(*pair, span) for pair in beside]
    return pairs + _pair_by_text(left[i:], right[j:])


def _spans(lines):
    """Join the marks that overlap: (6), (7) and (6)-(7) become (6)-(7)."""
    spans = []
    for first, last in sorted(line.mark for line in lines if line.mark):
        if spans and first <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(last, spans[-1][1])
        else:
            spans.append((first, last))
    return spans


def _within(mark, span):
    return mark is not None and span[0] <= mark[0] <= mark[1] <= span[1]


def _pair_by_text(left, right):
    """The pairing, in order, whose likenesses have the largest sum."""
    best = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    like = [[_likeness(ours, theirs) for theirs in right] for ours in left]
    for i in reversed(range(len(left))):
        for j in reversed(range(len(right))):
            pair = like[i][j] + best[i + 1][j + 1] if like[i][j] else 0
            best[i][j] = max(pair, best[i + 1][j], best[i][j + 1])
    pairs = []
    i = j = 0
    while i < len(left) and j < len(right):
        if like[i][j] and best[i][j] == like[i][j] + best[i + 1][j + 1]:
            pairs.append((left[i], right[j], left[i].mark or right[j].mark))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            pairs.append((left[i], None, left[i].mark))
            i += 1
        else:
            pairs.append((None, right[j], right[j].mark))
            j += 1
    pairs += [(line, None, line.mark) for line in left[i:]]
    return pairs + [(None, line, line.mark) for line in right[j:]]


def _likeness(ours, theirs):
    """From 0, not a pair, to 1, the same but for the framework's name."""
    if ours.mark and theirs.mark:
        return 0.0  # two different steps, or they would be anchored
    a, b = normal(ours.code), normal(theirs.code)
    if not a or not b:
        return 0.1 if a == b else 0.0
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    alike = matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE
    ratio = matcher.ratio() if alike else 0.0  # the first two are bounds of it
    return ratio if ratio >= ALIKE else 0.0


@cache
def normal(code):
    """Return a line without what differs only because the framework does."""
    code = re.sub(r"\b(np|numpy|tensorflow)\b", "tf", code)
    code = re.sub(r"\btf\.(nn|math)\.", "tf.", code)
    code = code.replace("refimpl", "tfimpl").replace("reduce_", "")
    return " ".join(code.split())


# ------------------------------------------------------------------ sections


def sections(rows):
    """Cut rows at each class and function, and lift the docstrings of modules and
    classes out of the code."""
    result = []
    for name, group in groupby(rows, key=lambda row: row.name.partition(".")[0]):
        group = list(group)
        lines = [row for row in group if row.kind == "docstring"]
        docstrings = (
            _docstring([row.left for row in lines if row.left]),
            _docstring([row.right for row in lines if row.right]),
        )
        code = _tidy([row for row in group if row.kind != "docstring"])
        result.append(Section(name, docstrings, tuple(code)))
    return result


def _docstring(lines):
    text = "\n".join(line.text for line in lines).strip()
    return cleandoc(ast.literal_eval(text)) if text else ""


def _tidy(rows):
    """One blank row for several; none at the ends, none after a class line."""
    tidy = []
    for row in rows:
        if row.kind != "blank" or (tidy and tidy[-1].kind not in ("blank", "class")):
            tidy.append(row)
    while tidy and tidy[-1].kind == "blank":
        tidy.pop()
    return tidy


def by_mark(rows):
    """Yield lists of rows: the rows that share a mark together, the others alone."""
    for mark, group in groupby(rows, key=lambda row: row.mark):
        if mark:
            yield list(group)
        else:
            yield from ([row] for row in group)


def same(row):
    """Say whether both sides of a row read the same, letter for letter."""
    return bool(row.left and row.right and row.left.code == row.right.code)


def show_mark(mark):
    """Return a mark as the sources write it: (7) or (6)-(11)."""
    first, last = mark
    return f"({first})" if first == last else f"({first})-({last})"
