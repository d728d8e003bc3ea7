"""The side-by-side reader: what stands on one row, and that nothing is lost."""

import re
from functools import cache
from html.parser import HTMLParser
from io import StringIO

import pytest
from helpers.turns import in_turn, one_in, thinned
from rich.console import Console

from equivalence.cli import main
from equivalence.pairs.table import PAIRS, ROWS, find
from equivalence.reader import concepts, show, write_all, write_page
from equivalence.reader.align import (
    align,
    by_mark,
    read_lines,
    same,
    sections,
    show_mark,
    split,
    step_marks,
)
from equivalence.reader.lead import without_runs
from equivalence.reader.listing import listing
from equivalence.reader.prose import Literal, Paragraph, Table, inline, once, parse
from equivalence.reader.sources import read
from equivalence.reader.terminal import highlight, wrap
from equivalence.texts import SECTIONS, TEXTS

CONCEPTS = concepts()
every_concept = pytest.mark.parametrize("name", CONCEPTS)
some_concepts = pytest.mark.parametrize("name", thinned(2, one_in(3, CONCEPTS)))


def text_of(line):
    return line.code.strip() if line else None


def pairs(left, right, kind=None):
    """The texts of the rows that hold anything."""
    return [
        (text_of(row.left), text_of(row.right))
        for row in align(left, right)
        if row.kind != "blank" and kind in (None, row.kind)
    ]


# ------------------------------------------------------------------ one source


@pytest.mark.parametrize(
    ("source", "code", "mark"),
    [
        ("x = 1  # (1)", "x = 1", (1, 1)),
        ("x = 1  # (12)", "x = 1", (12, 12)),
        ("x = 1  # (5)-(11)", "x = 1", (5, 11)),
        ("x = 1  # (5) - (11)", "x = 1", (5, 11)),
        ("x = 1  # (2) first moment", "x = 1  # first moment", (2, 2)),
        ("x = 1  # see (2)", "x = 1  # see (2)", None),
        ("x = 1  # (one)", "x = 1  # (one)", None),
        ("x = '# (1)'", "x = '# (1)'", None),
        ("x = 1", "x = 1", None),
    ],
)
def test_a_step_mark_is_a_comment_that_begins_with_its_number(source, code, mark):
    (line,) = read_lines(source)
    assert (line.number, line.text, line.code, line.mark) == (1, source, code, mark)


def test_a_source_is_cut_into_docstrings_imports_classes_and_functions():
    source = '"""M."""\nimport a\n\n@d\nclass C:\n    """C."""\n    x: int = 1\n\n'
    source += "    @property\n    def f(self):\n        return 1\n\n\ndef g():\n    pass\n"
    assert [(*block.key, len(block.lines)) for block in split(source)] == [
        ("docstring", "", 1),
        ("import", "", 2),
        ("class", "C", 2),
        ("docstring", "C", 1),
        ("code", "C", 2),
        ("def", "C.f", 5),
        ("def", "g", 2),
    ]


def test_an_empty_source_has_no_rows():
    assert align("", "") == []


# ----------------------------------------------------------------- two sources


def test_the_same_name_stands_on_the_same_row():
    left = "def f():\n    return 1\n\n\ndef only():\n    pass\n\n\ndef g():\n    return 2\n"
    right = "def f():\n    return 1\n\n\ndef g():\n    return 2\n"
    assert pairs(left, right) == [
        ("def f():", "def f():"),
        ("return 1", "return 1"),
        ("def only():", None),
        ("pass", None),
        ("def g():", "def g():"),
        ("return 2", "return 2"),
    ]


def test_the_same_step_stands_on_the_same_row_whatever_its_text():
    left = "def f(x):\n    y = one(x)  # (1)\n    helper()\n    return two(y)  # (2)\n"
    right = "def f(x):\n    elsewhere = 0  # (1)\n    return 3  # (2)\n"
    rows = {row.mark: row for row in align(left, right) if row.mark}
    assert text_of(rows[1, 1].left) == "y = one(x)"
    assert text_of(rows[1, 1].right) == "elsewhere = 0"
    assert text_of(rows[2, 2].left) == "return two(y)"
    assert text_of(rows[2, 2].right) == "return 3"


def test_a_range_spans_the_rows_of_all_its_steps():
    left = "def f(x):\n    a = 1  # (1)\n    b = 2  # (2)\n    c = 3  # (3)\n    return c\n"
    right = "def f(x):\n    c = g(x)  # (1)-(3)\n    return c\n"
    rows = [row for row in align(left, right) if row.mark]
    assert [row.mark for row in rows] == [(1, 3)] * 3
    assert [row.left.mark for row in rows] == [(1, 1), (2, 2), (3, 3)]
    assert [text_of(row.right) for row in rows] == ["c = g(x)", None, None]
    assert pairs(left, right)[-1] == ("return c", "return c")


def test_a_range_spans_on_either_side():
    left, right = "a = b  # (1)-(2)\n", "a = 1  # (1)\nb = 2  # (2)\n"
    assert pairs(left, right) == [("a = b", "a = 1"), (None, "b = 2")]
    assert {row.mark for row in align(left, right)} == {(1, 2)}


def test_a_line_without_a_mark_inside_a_range_stays_in_its_place():
    left = "a = 1  # (1)\nhelper()\nb = 2  # (2)\n"
    assert pairs(left, "c = 3  # (1)-(2)\n") == [
        ("a = 1", "c = 3"),
        ("helper()", None),
        ("b = 2", None),
    ]


def test_other_lines_pair_where_only_the_framework_differs():
    left = "import numpy as np\n\nfrom refimpl.checks import positive\n"
    right = "import keras\nimport tensorflow as tf\n"
    assert pairs(left, right) == [
        (None, "import keras"),
        ("import numpy as np", "import tensorflow as tf"),
        ("from refimpl.checks import positive", None),
    ]


def test_lines_that_say_something_else_have_rows_of_their_own():
    left, right = "weights = unpack(state)\n", "with tape:\n    pass\n"
    assert all(a is None or b is None for a, b in pairs(left, right))


def test_a_step_that_one_side_lacks_keeps_its_mark():
    left, right = "a = 1  # (1)\nb = 2  # (2)\n", "a = 1  # (1)\n"
    assert [(row.mark, row.right is None) for row in align(left, right)] == [
        ((1, 1), False),
        ((2, 2), True),
    ]


def test_two_different_steps_never_share_a_row():
    rows = align("a = 1  # (1)\n", "a = 1  # (2)\n")
    assert all(row.left is None or row.right is None for row in rows)


def test_steps_out_of_order_lose_no_line():
    left, right = "a = 1  # (1)\nb = 2  # (2)\n", "b = 2  # (2)\na = 1  # (1)\n"
    rows = align(left, right)
    assert [row.right.number for row in rows if row.right] == [1, 2]
    assert [row.left.number for row in rows if row.left] == [1, 2]


@cache
def aligned(name):
    return align(*read(CONCEPTS[name]))


@every_concept
def test_every_line_of_both_twins_is_on_one_row_and_in_order(name):
    left, right = read(CONCEPTS[name])
    rows = aligned(name)
    assert [row.left for row in rows if row.left] == read_lines(left)
    assert [row.right for row in rows if row.right] == read_lines(right)


@every_concept
def test_steps_of_a_row_overlap_on_both_sides(name):
    for group in by_mark(aligned(name)):
        if group[0].mark:
            left = [row.left.mark for row in group if row.left and row.left.mark]
            right = [row.right.mark for row in group if row.right and row.right.mark]
            assert left and right
            assert (left[0][0], left[-1][1]) == (right[0][0], right[-1][1])


@every_concept
def test_a_row_is_of_one_class_or_function_and_sections_keep_all_code(name):
    rows = aligned(name)
    kept = [row for part in sections(rows) for row in part.rows if row.kind != "blank"]
    assert kept == [row for row in rows if row.kind not in ("blank", "docstring")]


def test_docstrings_are_lifted_out_of_the_code():
    module, two_layer = sections(align(*read("networks/two_layer.py")))
    assert module.docstrings[0].startswith("One hidden layer")
    assert module.docstrings[1].startswith("One hidden layer")
    assert two_layer.name == "TwoLayer"
    assert two_layer.docstrings == ("I -> H -> O.", "I -> H -> O.")
    assert not any('"""I' in row.left.text for row in two_layer.rows if row.left)


# ----------------------------------------------------------------------- prose


def test_a_docstring_is_paragraphs_literals_and_tables():
    table = "==  =====\nA   B\n==  =====\nx   long\n    er\n==  ====="
    text = f"One\ntwo:\n\n    a <- b\n      c\n\n{table}"
    assert parse(text) == [
        Paragraph("One two:"),
        Literal("a <- b\n  c"),
        Table(("A", "B"), (("x", "long er"),)),
    ]


def test_double_backquotes_hold_literals():
    assert inline("a ``b`` c") == [("a ", False), ("b", True), (" c", False)]


@pytest.mark.parametrize(
    ("left", "right", "text"),
    [
        ("Same.", "Same.", "Same."),
        ("Adam (2015):\n\n    m <- g", "Adam (2015).", "Adam (2015):\n\n    m <- g"),
        ("Short.", "Short.  And more.", "Short.  And more."),
        ("Only here.", "", "Only here."),
        ("", "", ""),
        ("y = x.", "Keras: linear.", None),
    ],
)
def test_a_docstring_that_both_sides_share_is_shown_once(left, right, text):
    assert once(left, right) == text


# -------------------------------------------------------------------- concepts


def test_concepts_are_named_by_their_files():
    assert CONCEPTS["adam"] == "optimizers/adam.py"
    assert CONCEPTS["two_layer"] == "networks/two_layer.py"
    assert CONCEPTS["training"] == "training.py"
    assert "checks" not in CONCEPTS and "__init__" not in CONCEPTS


@pytest.mark.parametrize("file", ["adam", "checks.py", "../pyproject.toml", "networks/__init__.py"])
def test_a_file_without_twins_is_refused_with_those_that_have_some(file):
    with pytest.raises(ValueError, match=r"no twins in .*optimizers/adam\.py"):
        read(file)


# -------------------------------------------------------------------- terminal


def printed(files, width, **options):
    console = Console(width=width, file=StringIO(), **options)
    show(files, "Title", console)
    return console.file.getvalue()


def words(text):
    return re.split(r"\s+|(?<=\()", text)


WIDTHS = {"one column": 60, "the widest column": 99, "two columns": 100}


@pytest.mark.parametrize(
    ("name", "columns"), thinned(2, in_turn(one_in(3, CONCEPTS), WIDTHS), which=1)
)
def test_the_terminal_shows_every_word_of_the_code_and_keeps_to_its_width(name, columns):
    width = WIDTHS[columns]
    output = printed([CONCEPTS[name]], width)
    assert max(map(len, output.splitlines())) <= width
    shown = set(words(output)) | set(output.split())
    folded = re.sub(r"[\s│]", "", output)  # a word that is wider than its column is cut
    for source in read(CONCEPTS[name]):
        for block in split(source):
            for line in block.lines if block.kind != "docstring" else ():
                missing = [set(pieces) - shown for pieces in (line.code.split(), words(line.code))]
                cut = [{m for m in few if len(m) > width - 18 and m in folded} for few in missing]
                assert set() in [m - c for m, c in zip(missing, cut)], line


@some_concepts
def test_no_line_of_code_is_broken_at_200_columns(name):
    output = printed([CONCEPTS[name]], 200)
    for row in (row for part in sections(aligned(name)) for row in part.rows):
        both = [side for side in (row.left, row.right) if side and side.text]
        pattern = ".*".join(re.escape(f"{side.number} {side.code}") for side in both)
        if not row.mark or row.mark[0] == row.mark[1]:
            assert re.search(pattern, output), pattern


def test_two_columns_show_the_step_between_the_twins():
    output = printed(["optimizers/sgd.py"], 200)
    assert re.search(
        r"variable = variable - gradient \* learning_rate +\(1\) +\d+ +variable = variable",
        output,
    )


def test_two_columns_draw_a_bracket_around_the_steps_of_a_range():
    lines = printed(["networks/two_layer.py"], 200).splitlines()
    steps = [line for line in lines if re.search(r"\(\d+\) [┬│┘]", line)]
    assert [re.search(r"\((\d+)\) (.)", line).groups() for line in steps] == [
        ("6", "┬"),
        ("7", "│"),
        ("8", "│"),
        ("9", "│"),
        ("10", "│"),
        ("11", "┘"),
    ]
    assert "back(tape, E, weights, (Z, A))" in steps[0]


def test_a_narrow_terminal_shows_the_right_line_under_the_left():
    lines = printed(["activations/tanh.py"], 80).splitlines()
    at = next(k for k, line in enumerate(lines) if "np.tanh(x)" in line)
    assert re.match(r"np \d+ +│ +return np\.tanh\(x\) +\(1\)$", lines[at])
    assert re.match(r"tf +\d+ │ +return tf\.tanh\(x\) +\(1\)$", lines[at + 1])


def test_a_narrow_terminal_shows_an_equal_line_once_with_both_numbers():
    lines = printed(["activations/tanh.py"], 80).splitlines()
    (forward,) = [line for line in lines if "def forward" in line]
    assert re.match(r"   \d+ \d+ │     def forward\(self, x\):$", forward)


def test_several_files_follow_one_another():
    output = printed(["optimizers/sgd.py", "training.py"], 120)
    assert output.startswith("Title")
    assert output.index("refimpl/optimizers/sgd.py") < output.index("refimpl/training.py")


def test_a_terminal_with_colours_shows_the_same_text():
    files = ["networks/two_layer.py"]
    coloured = printed(files, 120, force_terminal=True, color_system="standard")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert coloured != plain
    assert [a.rstrip() for a in plain.splitlines()] == [
        b.rstrip() for b in printed(files, 120).splitlines()
    ]


CODE = "        alpha = self.rate * np.sqrt(1 - power) / (1 - self.other(a, b, keepdims=True))"


@pytest.mark.parametrize("shallow", [False, True])
@pytest.mark.parametrize("width", range(24, 100, 5))
def test_wrapping_loses_nothing_and_keeps_to_the_width(width, shallow):
    pieces = [piece.plain for piece in wrap(highlight(CODE), width, shallow)]
    assert "".join("".join(pieces).split()) == "".join(CODE.split())
    assert max(map(len, pieces)) <= width
    assert len({len(piece) - len(piece.lstrip()) for piece in pieces[1:]}) <= 2


def test_wrapping_breaks_before_an_operator_outside_brackets():
    pieces = [piece.plain.strip() for piece in wrap(highlight(CODE), 60)]
    assert pieces == [
        "alpha = self.rate * np.sqrt(1 - power)",
        "/ (1 - self.other(a, b, keepdims=True))",
    ]


# ------------------------------------------------------------------------ page


class Page(HTMLParser):
    """What a reader sees: the lines of code on each side, the links, the tags."""

    void = frozenset(["meta", "link", "img", "br", "hr", "input"])

    def __init__(self, html):
        super().__init__()
        self.open, self.sides, self.steps = [], {"left": [], "right": []}, {}
        self.attributes, self.headings, self.text = [], [], []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.attributes.append((tag, attrs))
        if tag not in self.void:
            self.open.append((tag, attrs.get("class", "")))
        if tag == "code" and self.side and ("div", "line") in self.open:
            self.sides[self.side].append("")

    @property
    def side(self):
        return next((name for tag, name in self.open if name in ("left", "right")), None)

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        tags = [tag for tag, _ in self.open]
        if self.side and "code" in tags:
            self.sides[self.side][-1] += data
        if tags and tags[-1] in ("h1", "a") and ("h1" in tags or "h2" in tags):
            self.headings.append(data)
        if "style" not in tags and "script" not in tags:
            self.text.append(data)


def page(tmp_path, files, title="Title"):
    path = write_page(files, title, tmp_path / "page.html")
    return Page(path.read_text(encoding="utf-8"))


@some_concepts
def test_the_page_shows_every_line_of_code_of_both_sides(name, tmp_path):
    shown = page(tmp_path, [CONCEPTS[name]]).sides
    for side, source in zip(("left", "right"), read(CONCEPTS[name]), strict=True):
        blocks = [block for block in split(source) if block.kind != "docstring"]
        code = [line.code for block in blocks for line in block.lines if line.text]
        assert [line for line in shown[side] if line] == code


def test_the_page_needs_nothing_from_elsewhere(tmp_path):
    path = write_page(one_in(9, CONCEPTS.values()), "Some", tmp_path / "some.html")
    html = path.read_text(encoding="utf-8")
    assert "@import" not in html and "url(" not in html and "://" not in html
    for tag, attrs in Page(html).attributes:
        assert tag not in ("link", "img", "iframe")
        assert "src" not in attrs
        assert attrs.get("href", "#").startswith("#")


def test_the_contents_lead_to_every_concept(tmp_path):
    files = [CONCEPTS[name] for name in ("adam", "two_layer", "training")]
    shown = page(tmp_path, files)
    ids = [attrs["id"] for tag, attrs in shown.attributes if tag == "article"]
    links = [attrs["href"] for tag, attrs in shown.attributes if tag == "a"]
    assert ids == ["optimizers-adam", "networks-two_layer", "training"]
    assert links[:3] == [f"#{name}" for name in ids]
    assert shown.headings == ["Title", "adam", "two_layer", "training"]


def test_a_page_of_one_concept_has_no_contents(tmp_path):
    shown = page(tmp_path, [CONCEPTS["adam"]])
    assert "nav" not in [tag for tag, _ in shown.attributes]


def test_both_sides_of_a_step_light_up_together(tmp_path):
    path = write_page(["networks/two_layer.py"], "Title", tmp_path / "page.html")
    html = path.read_text(encoding="utf-8")
    steps = [attrs["data-step"] for _, attrs in Page(html).attributes if "data-step" in attrs]
    assert steps.count("6 7 8 9 10 11") == 1
    assert all(steps.count(str(step)) == (2 if step < 6 else 1) for step in range(1, 12))
    for step in range(1, 12):
        assert f'article:has([data-step~="{step}"]:hover) [data-step~="{step}"]' in html
    assert '[data-step~="12"]' not in html


def test_what_a_title_holds_is_text_and_not_markup(tmp_path):
    shown = page(tmp_path, [CONCEPTS["sgd"]], title="a < b & <i>c</i>")
    assert "".join(shown.headings).startswith("a < b & <i>c</i>")
    assert "i" not in [tag for tag, _ in shown.attributes]


def test_the_book_s_notation_is_a_table_on_the_page(tmp_path):
    shown = page(tmp_path, [CONCEPTS["two_layer"]])
    tags = [tag for tag, _ in shown.attributes]
    assert tags.count("table") == 1 and tags.count("th") == 3
    assert "the hidden layer before and after its activation" in shown.text


def test_marks_are_shown_as_they_are_written():
    assert show_mark((7, 7)) == "(7)"
    assert show_mark((6, 11)) == "(6)-(11)"
    assert step_marks("a = 1  # (1)\nb = 2\nc = 3  # (2)-(4)\n") == [(1, 1), (2, 4)]


def test_lines_are_the_same_if_they_differ_only_in_their_marks():
    (row,) = align("a = 1  # (1)\n", "a = 1\n")
    assert same(row)


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """The folder of all pages, without runs: name -> HTML."""
    folder = tmp_path_factory.mktemp("pages") / "all"
    paths = list(write_all(folder, without_runs))
    assert paths[-1] == folder / "index.html"
    assert sorted(paths) == sorted(folder.iterdir())
    return {path.name: path.read_text(encoding="utf-8") for path in paths}


@cache
def anchors(html):
    """The attributes of the links of a page; a parser takes ten times as long."""
    tags = re.findall(r"<a\b[^>]*>", html)
    return [dict(re.findall(r'([\w-]+)="([^"]*)"', tag)) for tag in tags]


def test_a_parser_finds_the_same_links(everything):
    for name in ("index.html", *one_in(40, everything)):
        attributes = Page(everything[name]).attributes
        assert anchors(everything[name]) == [attrs for tag, attrs in attributes if tag == "a"]


def links(html):
    """The pages that a page leads to."""
    return {attrs["href"] for attrs in anchors(html) if not attrs["href"].startswith("#")}


def test_every_link_of_every_page_leads_to_a_page(everything):
    for html in everything.values():
        assert links(html) <= set(everything)


def test_the_index_has_every_section_of_every_text_every_pair_of_one_and_every_concept(everything):
    html = everything["index.html"]
    assert links(html) == set(everything) - {"index.html"}
    assert f"pair-{ROWS[0].name}.html" in everything
    assert {f"pair-{row.name}.html" for row in ROWS if row.sections} <= set(everything)
    for section in SECTIONS.values():
        assert f"<b>{section.number}</b>" in html
    assert "<code>equivalence plot descent</code>" in html  # what answers 421_1
    names = [html.index(f"{text.key} {text.name}") for text in TEXTS.values()]
    assert names == sorted(names)


def test_no_page_is_too_large_to_be_opened_at_once(everything):
    assert max(len(html.encode()) for html in everything.values()) < 200_000


def test_n_goes_through_all_pairs_and_p_back(everything):
    def way(html, rel):
        return next((attrs["href"] for attrs in anchors(html) if attrs.get("rel") == rel), None)

    first = next(n for n, h in everything.items() if n.startswith("pair-") and not way(h, "prev"))
    walked = [first]
    while following := way(everything[walked[-1]], "next"):
        assert way(everything[following], "prev") == walked[-1]
        walked.append(following)
    assert sorted(walked) == sorted(name for name in everything if name.startswith("pair-"))


def test_the_page_of_a_pair_has_its_program_and_leads_to_its_code(everything):
    html = everything["pair-relu-softmax-2-2-2.html"]
    shown = Page(html)
    found = listing(PAIRS["relu-softmax-2-2-2"])
    for side, text in (("left", found.numpy), ("right", found.keras)):
        code = [line.code for line in read_lines(text) if line.text]
        assert [line for line in shown.sides[side] if line] == code
    assert {"networks-two_layer.html", "activations-relu.html", "training.html"} <= links(html)


def test_formulas_are_mathematics(everything):
    adam = everything["optimizers-adam.html"]
    assert adam.count('<math displaystyle="true">') == 4
    assert "<msub><mi>β</mi><mn>1</mn></msub>" in adam and "<msqrt>" in adam
    assert "<math><mi>y</mi><mo>=</mo>" in everything["activations-sigmoid.html"]
    optimizer = everything["optimizers-optimizer.html"]  # an order of steps, and no formula
    assert "<pre>(1) loss_scale_factor " in optimizer


def test_all_pages_are_written_into_a_folder_that_need_not_be_there(tmp_path, capsys):
    folder = tmp_path / "new" / "pages"
    assert main(["read", "all", "--plain", "--html", str(folder)]) == 0
    count = len(list(folder.iterdir())) - 1
    printed = capsys.readouterr().out.replace("\n", "")
    assert printed == f"wrote {folder / 'index.html'} and {count} pages beside it"


def test_where_a_file_stands_no_folder_is_written(tmp_path, capsys):
    (tmp_path / "pages").write_text("mine", encoding="utf-8")
    assert main(["read", "all", "--plain", "--html", str(tmp_path / "pages")]) == 2
    assert "cannot write" in capsys.readouterr().err
    assert (tmp_path / "pages").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    "typed",
    [
        *("prelu", "layers/prelu", "layers/prelu.py", "refimpl/layers/prelu.py"),
        r".\tfimpl\layers\prelu.py",
    ],
)
def test_a_concept_is_read_by_its_file_as_reports_name_it(typed, capsys):
    assert main(["read", typed]) == 0
    assert "class PReLU(Layer):" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("layer-lstm", "layers/lstm.py"),
        ("given-adam", "optimizers/adam.py"),
        ("look-up-adam", "optimizers/adam.py"),
        ("linear-2-2-2", "networks/two_layer.py"),
    ],
)
def test_what_is_tried_is_read_before_what_stands_around_it(name, file):
    assert find(name).files[0] == file
