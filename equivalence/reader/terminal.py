"""The twins in a terminal: two columns, or below 100 columns line under line."""

import re

from pygments import lex
from pygments.lexers import PythonLexer
from pygments.token import Token
from rich import box
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from equivalence.reader import prose
from equivalence.reader.align import align, by_mark, same, sections, show_mark
from equivalence.reader.sources import read_sections

TWO_COLUMNS = 100  # the narrowest terminal that takes two
PROSE = 88
OPERATOR = re.compile(r"[-+*/@=<>]+ ")
LEXER = PythonLexer(stripnl=False, ensurenl=False)

NUMPY, TENSORFLOW, MARK = "blue", "yellow", "bold magenta"
STYLES = {
    Token.Keyword: "magenta",
    Token.Operator.Word: "magenta",
    Token.Name.Decorator: "dim",
    Token.Name.Function: "bold",
    Token.Name.Class: "bold",
    Token.Literal.String: "green",
    Token.Literal.Number: "cyan",
    Token.Comment: "italic dim",
}


def show(files, title, console):
    """Print the twins in each file, in this order, to a rich console."""
    console.print(Text(title, style="bold"))
    twins = [(file, read_sections(file)) for file in files]
    rows = [row for _, parts in twins for part in parts for row in part.rows]
    view = (Columns if console.width >= TWO_COLUMNS else Interleaved)(console, rows)
    for k, (file, parts) in enumerate(twins):
        console.print("\n" if k else "")
        view.print(file, parts)


def show_listing(listing, title, console):
    """Print the two texts of a ``listing.Listing`` beside each other."""
    console.print(Text(title, style="bold"))
    parts = sections(align(listing.numpy, listing.keras))
    rows = [row for part in parts for row in part.rows]
    view = (Columns if console.width >= TWO_COLUMNS else Interleaved)(console, rows)
    for part in parts:
        view.code(part.rows)


class View:
    """What both views share: highlighting, wrapping and the docstrings."""

    def __init__(self, console, rows):
        self.console = console
        self.bar, self.first, self.last = "|+'" if console.options.ascii_only else "│┬┘"
        lines = [line for row in rows for line in (row.left, row.right) if line]
        self.digits = max((len(str(line.number)) for line in lines), default=1)
        self.longest = max((len(line.code) for line in lines), default=1)

    def write(self, *parts):
        line = Text.assemble(*parts)
        line.rstrip()
        self.console.print(line, no_wrap=True, overflow="ignore", crop=False, highlight=False)

    def print(self, file, parts):
        self.heading(file)
        for part in parts:
            self.docstrings(*part.docstrings)
            if part.rows:
                self.code(part.rows)

    def docstrings(self, left, right):
        shared = prose.once(left, right)
        if shared is not None:
            if shared:
                self.console.print()
                self.prose(shared)
        else:
            self.console.print()
            self.two_docstrings(left, right)
        self.console.print()

    def prose(self, text, indent=2, width=PROSE):
        width = min(self.console.width, indent + width)
        self.console.print(Padding(_prose(text), (0, 0, 0, indent)), width=width)

    def lines(self, line, width):
        return wrap(highlight(line.code), width, self.shallow) if line else []


class Columns(View):
    """NumPy on the left, the step in the middle, TensorFlow on the right."""

    gutter = 8

    def __init__(self, console, rows):
        super().__init__(console, rows)
        room = (console.width - self.gutter - 2 * (self.digits + 1)) // 2
        self.width = min(room, self.longest)
        self.shallow = self.longest > room
        self.right = self.digits + 1 + self.width + self.gutter  # where it begins

    def heading(self, file):
        sides = [("NumPy", f"refimpl/{file}", NUMPY), ("TensorFlow", f"tfimpl/{file}", TENSORFLOW)]
        texts = []
        for name, path, style in sides:
            named = f"{name}  {path}"
            room = self.digits + 1 + self.width
            shown = named if len(named) <= room else path
            if len(shown) > room:
                shown = "…" + shown[1 - room :]  # its end says most
            texts.append(Text(shown, style=f"bold {style}"))
        texts[0].pad_right(self.right - len(texts[0]))
        self.write(*texts)

    def two_docstrings(self, left, right):
        grid = Table.grid()
        grid.add_column(width=self.right - 3)
        grid.add_column(width=3)
        grid.add_column(width=self.digits + 1 + self.width)
        grid.add_row(
            Padding(_prose(left), (0, 0, 0, self.digits + 1)),
            "",
            Padding(_prose(right), (0, 0, 0, self.digits + 1)),
        )
        self.console.print(grid)

    def code(self, rows):
        for group in by_mark(rows):
            left = self.side([row.left for row in group], NUMPY)
            right = self.side([row.right for row in group], TENSORFLOW)
            height = max(len(left), len(right), 1)
            empty = Text(" " * (self.digits + 1 + self.width)), None
            left += [empty] * (height - len(left))
            right += [empty] * (height - len(right))
            for h in range(height):
                bracket = ""
                if len(group) > 1:
                    bracket = self.last if h == height - 1 else self.bar if h else self.first
                mark = left[h][1] or right[h][1]
                label = f"({mark[0]})" if mark else ""
                gutter = f"{f' {label:>4} {bracket}':<{self.gutter}}"
                self.write(left[h][0], (gutter, MARK), right[h][0])

    def side(self, lines, style):
        """Return (text, mark) for each row that these lines of one side take."""
        result = []
        for line in filter(None, lines):
            for h, piece in enumerate(self.lines(line, self.width)):
                number = str(line.number) if h == 0 and line.text else ""
                piece.pad_right(self.width - len(piece))
                text = Text.assemble((f"{number:>{self.digits}} ", f"dim {style}"), piece)
                result.append((text, line.mark if h == 0 else None))
        return result


class Interleaved(View):
    """Line under line; a line that both sides have stands once, with both numbers."""

    def __init__(self, console, rows):
        super().__init__(console, rows)
        self.head = 3 + 2 * (self.digits + 1) + 2  # "np 12 34 | "
        marks = [
            show_mark(side.mark)
            for row in rows
            for side in (row.left, row.right)
            if side and side.mark
        ]
        self.label = max(map(len, marks), default=0)
        room = console.width - self.head - self.label - 2
        self.width = min(room, self.longest)
        self.shallow = self.longest > room

    def heading(self, file):
        self.write((f"np  refimpl/{file}", f"bold {NUMPY}"))
        self.write((f"tf  tfimpl/{file}", f"bold {TENSORFLOW}"))

    def two_docstrings(self, left, right):
        for tag, text, style in (("np", left, NUMPY), ("tf", right, TENSORFLOW)):
            if text:
                grid = Table.grid(padding=(0, 1))
                grid.add_row(Text(tag, style=style), _prose(text))
                self.console.print(grid, width=min(self.console.width, PROSE))

    def code(self, rows):
        for group in by_mark(rows):
            if group[0].kind == "blank":
                self.console.print()
            elif len(group) == 1 and same(group[0]):
                self.row("  ", group[0].left, group[0].right, group[0].mark, "")
            else:
                for row in group:
                    self.row("np", row.left, None, row.left and row.left.mark, NUMPY)
                for row in group:
                    self.row("tf", None, row.right, row.right and row.right.mark, TENSORFLOW)

    def row(self, tag, left, right, mark, style):
        line = left or right
        if line is None:
            return
        width = self.width if mark else self.console.width - self.head
        for h, piece in enumerate(self.lines(line, width)):
            numbers = [str(side.number) if side and h == 0 else "" for side in (left, right)]
            piece.pad_right(self.width - len(piece))
            label = show_mark(mark) if mark and h == 0 else ""
            self.write(
                (f"{tag if h == 0 else '':2} ", style),
                (f"{numbers[0]:>{self.digits}} ", f"dim {NUMPY}"),
                (f"{numbers[1]:>{self.digits}} ", f"dim {TENSORFLOW}"),
                (f"{self.bar} ", style or "dim"),
                piece,
                (f"  {label:>{self.label}}", MARK),
            )


# ----------------------------------------------------------- pieces of text


def highlight(code):
    """Return one line of Python with the terminal's own colours."""
    text = Text()
    for kind, value in lex(code, LEXER):
        while kind is not Token and kind not in STYLES:
            kind = kind.parent
        style = STYLES.get(kind, "")
        if value in ("np", "tf"):
            style = NUMPY if value == "np" else TENSORFLOW
        text.append(value, style=style)
    return text


def wrap(text, width, shallow=False):
    """Break a line of code into lines of at most ``width``, and lose nothing.

    It breaks after a comma or before an operator, in the fewest brackets, and
    where there is none, at a space or after a bracket.  ``shallow`` halves the
    indentation.
    """
    indent = len(text.plain) - len(text.plain.lstrip())
    text = text[indent:]
    indent = indent // 2 if shallow else indent
    hang = indent + 4
    pieces, lead = [], indent
    while len(text) > max(width - lead, 8):
        at = _break(text.plain, max(width - lead, 8))
        pieces.append(Text(" " * lead) + text[:at])
        pieces[-1].rstrip()
        text = text[at:]
        text = text[len(text.plain) - len(text.plain.lstrip()) :]
        longest = max(map(len, re.split(r"\s|(?<=\()(?!\))", text.plain)))
        lead = max(0, min(hang, width - longest))
    return [*pieces, Text(" " * lead) + text]


def _break(code, room):
    """Return where to break: the best place that leaves at most ``room``."""
    prose_line = code.startswith(('"""', "#"))
    depth, best, at = 0, (), room
    for k, letter in enumerate(code[: room + 1]):
        depth += (letter in "([{") - (letter in ")]}")
        after_bracket = k > 0 and code[k - 1] == "("  # code[-1] would be the last
        if letter == " " or (after_bracket and letter != ")" and not prose_line):
            full = k >= room // 2
            good = full and (code[k - 1] == "," or OPERATOR.match(code, k + 1))
            rank = (full, k) if prose_line else (full, bool(good), -depth, k)
            if rank > best:
                best, at = rank, k
    return at


def _prose(text):
    """Return the paragraphs, literals and tables of a docstring for rich."""
    grid = Table.grid()
    grid.add_column()
    for k, block in enumerate(prose.parse(text)):
        if k:
            grid.add_row("")
        if isinstance(block, prose.Paragraph):
            parts = [(part, "bold" if code else "") for part, code in prose.inline(block.text)]
            grid.add_row(Text.assemble(*parts))
        elif isinstance(block, prose.Literal):
            grid.add_row(Padding(Text(block.text, style="italic"), (0, 0, 0, 4)))
        else:
            table = Table(*block.head, box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
            for row in block.body:
                table.add_row(*(Text(cell) for cell in row))
            grid.add_row(table)
    return grid
