"""The formulas of the docstrings as MathML."""

import re
from xml.etree import ElementTree

import pytest

from equivalence.reader import concepts, prose
from equivalence.reader.mathematics import formula, math, split
from equivalence.reader.sources import read_sections


def plain(inside):
    """The letters of a formula, in the order in which they stand."""
    return "".join(ElementTree.fromstring(f"<math>{inside}</math>").itertext())


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("y = x^2", "<mi>y</mi><mo>=</mo><msup><mi>x</mi><mn>2</mn></msup>"),
        ("w <- a", "<mi>w</mi><mo>←</mo><mi>a</mi>"),
        (
            "u = x_ij",
            "<mi>u</mi><mo>=</mo><msub><mi>x</mi><mrow><mi>i</mi><mi>j</mi></mrow></msub>",
        ),
        (
            "n = -beta_1",
            '<mi>n</mi><mo>=</mo><mo form="prefix">−</mo><msub><mi>β</mi><mn>1</mn></msub>',
        ),
        ("a = 1/n", "<mi>a</mi><mo>=</mo><mfrac><mn>1</mn><mi>n</mi></mfrac>"),
        (
            "a = b c / (d + 1) e",
            "<mi>a</mi><mo>=</mo><mrow><mfrac><mrow><mi>b</mi><mi>c</mi></mrow>"
            "<mrow><mi>d</mi><mo>+</mo><mn>1</mn></mrow></mfrac><mi>e</mi></mrow>",
        ),
        ("r = sqrt(v)", "<mi>r</mi><mo>=</mo><msqrt><mrow><mi>v</mi></mrow></msqrt>"),
        ("a = learning_rate", "<mi>a</mi><mo>=</mo><mtext>learning rate</mtext>"),
    ],
)
def test_a_formula_is_set_as_it_is_read(text, elements):
    assert formula(text) == elements


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "the way forward",
        "y = ",
        "= = 2",
        "y = (1 + x",
        "E = sum",
        "w <- Adam's step",
        "y = x @ w",
    ],
)
def test_what_says_nothing_or_breaks_off_is_no_formula(text):
    assert formula(text) is None


@pytest.mark.parametrize(
    ("text", "letters", "words"),
    [
        ("y = r    where the episode ends", "y=r", "where the episode ends"),
        ("h_bj = 1 if m_j is the nearest", "hbj=1", "if m_j is the nearest"),
        ("dy/dx = 1 where y > 0 and 0 elsewhere.", "dydx=1", "where y > 0 and 0 elsewhere."),
        ("g <- g / n, each by itself", "g←gn", ", each by itself"),
        ("E = |x - y|^2,   n = 2", "E=|x−y|2,n=2", ""),
        ("y = x.", "y=x", "."),
        ("g <- g c, n the norm", "g←gc", ", n the norm"),
        ("m, l = encoder(x)", "m,l=encoder(x)", ""),
        ("m = encoder(x)     mean of z", "m=encoder(x)", "mean of z"),
        ("y = x (seed 001, 411).", "y=x", "(seed 001, 411)."),
    ],
)
def test_a_formula_ends_where_words_begin(text, letters, words):
    found, rest = split(text)
    assert plain(found) == letters
    assert rest.strip() == words


def test_every_formula_of_the_docstrings_keeps_its_letters():
    """What is set has the letters, digits and signs of what was written, in the same order."""
    greek = dict(
        zip(
            "αβγδεελμπρστθ",
            [
                "alpha",
                "beta",
                "gamma",
                "delta",
                "epsilon",
                "eps",
                "lambda",
                "mu",
                "pi",
                "rho",
                "sigma",
                "tau",
                "theta",
            ],
        )
    )
    count = 0
    for file in concepts().values():
        texts = {text for part in read_sections(file) for text in part.docstrings if text}
        blocks = [block for text in texts for block in prose.parse(text)]
        for block in blocks:
            lines = block.text.splitlines() if isinstance(block, prose.Literal) else []
            for line in lines:
                found = split(line.strip())
                if found is None:
                    continue
                count += 1
                written = line.strip()[: len(line.strip()) - len(found[1])]
                letters = plain(found[0]).replace("ε", "eps").replace("∑", "sum")
                for sign, name in greek.items():
                    letters = letters.replace(sign, name)
                kept = re.findall(
                    r"[A-Za-z0-9]", written.replace("sqrt", "").replace("epsilon", "eps")
                )
                assert re.findall(r"[A-Za-z0-9]", letters) == kept, line
                ElementTree.fromstring(math(found[0], block=True))
    assert count > 100
