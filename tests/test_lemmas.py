"""The lemmas of the rounding model: what the code cites is in the text, and the other way round."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
# (L4'), (L11 in ``docs/design.md``), (L5, L3): a number behind an opening bracket, or more.
CITED = re.compile(r"\((L\d+'*(?:(?:, | or | and )L\d+'*)*)(?=[ ,):])")
STATED = re.compile(r"^\* \*\*(L\d+'*), ", re.MULTILINE)
LABEL = re.compile(r"L\d+'*")


def stated():
    """Return the labels of docs/design.md, in order."""
    return STATED.findall((ROOT / "docs/design.md").read_text(encoding="utf-8"))


def cited():
    """Return {label: a file that cites it} of the package."""
    found = {}
    for path in sorted((ROOT / "equivalence").rglob("*.py")):
        for labels in CITED.findall(path.read_text(encoding="utf-8")):
            found.update(dict.fromkeys(LABEL.findall(labels), path.name))
    return found


def test_every_lemma_that_the_code_cites_is_in_the_text():
    assert {label: at for label, at in cited().items() if label not in stated()} == {}


def test_every_lemma_of_the_text_is_cited_by_the_code():
    assert [label for label in stated() if label not in cited()] == []


def test_the_lemmas_of_the_text_are_in_order_and_each_has_one_number():
    order = [(int(label.strip("L'")), label.count("'")) for label in stated()]
    assert order == sorted(set(order))
    assert {number for number, _ in order} == set(range(1, order[-1][0] + 1))
