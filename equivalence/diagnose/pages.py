"""A page for every cause, and an index of them, made of the table of causes.

The numbers of a page are computed where it is made (``examples.py``).
"""

from equivalence import defects
from equivalence.diagnose.examples import example_of
from equivalence.diagnose.tables import VARIANTS
from equivalence.diagnose.variant import DEFECT, DEFINITION, MISTAKE

KINDS = {DEFINITION: "both are right", MISTAKE: "a mistake", DEFECT: "a defect of Keras"}
LONG = {
    DEFINITION: "Both are right: it is defined so by somebody, and Keras defines it otherwise.",
    MISTAKE: "Yours departs from the mathematics.",
    DEFECT: "Keras departs from the mathematics, and who does as Keras does departs with it.",
}
PARTS = {"code": "Defects of Keras and TensorFlow"}  # headings that are no part's own name
PROGRAMS = (*defects.ROWS, *defects.SCHEDULE_ROWS, *defects.FUNCTION_DEFECTS)


def causes():
    """Return the lines of the index: a heading for each part, a row for each cause."""
    lines = []
    for part in dict.fromkeys(v.part for v in VARIANTS):
        lines += [f"## {heading(part)}", "", "| cause | yours | |", "|---|---|---|"]
        for v in (v for v in VARIANTS if v.part == part):
            lines.append(f"| `{v.name}` | {_cell(v.yours)} | {KINDS[v.kind]} |")
        lines.append("")
    return lines[:-1]


def heading(part):
    """Return a part as a heading."""
    return PARTS.get(part, part[0].upper() + part[1:])


def pages():
    """Return {name of a cause: its page}."""
    return {variant.name: page(variant) for variant in VARIANTS}


def title(variant):
    """Return a cause's title in the words in which it is looked for."""
    words = variant.name.replace("-", " ")
    parts = heading(variant.part).split()
    about = "" if words.split()[0] in [p.lower() for p in parts] else f"{heading(variant.part)}, "
    return _first(f"{about}{words}: NumPy beside Keras")


def page(variant):
    """Return a cause's page in Markdown."""
    lines = [
        f"# {title(variant)}",
        "",
        f"**Your weights do not match Keras's, and** {_words(variant.symptom)}.",
        "",
        f"- **Yours** {_words(variant.yours)}.",
        f"- **Keras** {_words(variant.keras)}.",
        "",
        f"{LONG[variant.kind]} Who has it so: {_words(variant.who)}.",
        "",
        *_numbers(variant),
        "## How to write it to match",
        "",
        f"{_first(_words(variant.mend))}.",
        "",
        "`equivalence diagnose` names this cause as",
        f"`{variant.name}`; [all causes](../causes.md).",
        "",
    ]
    return "\n".join(lines)


def _numbers(variant):
    """Return what gives it away: two numbers of an example, or of a defect its program."""
    if variant.kind == DEFECT:
        program = next(row.repro for row in PROGRAMS if row.name == variant.name)
        return ["## The number that gives it away", "", "```python", program.strip(), "```", ""]
    found = example_of(variant)
    if found is None:
        return []
    rows = [
        "## The number that gives it away",
        "",
        f"{found.of}, step {found.step}: {_words(found.what)}, of a small example.",
        "",
        "| Keras's formula | yours | yours / Keras |",
        "|---|---|---|",
        f"| {found.keras:.9g} | {found.yours:.9g} | {_ratio(found)} |",
        "",
    ]
    return rows


def _ratio(found):
    return f"{found.ratio:.6g}" if found.keras else ""


def _first(text):
    return text[:1].upper() + text[1:]


def _words(text):
    """Return words of a row for Markdown: a number of Keras's object by its name."""
    return text.replace("{", "").replace("}", "").replace("*", "\\*").replace("_", "\\_")


def _cell(text):
    return _words(text).replace("|", "\\|")
