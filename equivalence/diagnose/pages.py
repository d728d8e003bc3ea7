"""The page of causes, made of the table."""

from equivalence.diagnose.tables import VARIANTS
from equivalence.diagnose.variant import DEFECT, DEFINITION, MISTAKE

KINDS = {DEFINITION: "both are right", MISTAKE: "a mistake", DEFECT: "a defect of Keras"}


def causes():
    """Return the lines of all causes: a heading for each part, a list for each cause."""
    lines = []
    for part in dict.fromkeys(v.part for v in VARIANTS):
        lines += [f"## {part[0].upper()}{part[1:]}", ""]
        for variant in (v for v in VARIANTS if v.part == part):
            lines += [*_paragraph(variant), ""]
    return lines[:-1]


def _paragraph(variant):
    both = KINDS[variant.kind]
    return (
        f"### {variant.name}",
        "",
        f"*{both}*",
        "",
        f"- **yours** {_words(variant.yours)}",
        f"- **Keras** {_words(variant.keras)}",
        f"- **what one sees** {_words(variant.symptom)}",
        f"- **who has it so** {_words(variant.who)}",
        f"- **to match** {_words(variant.mend)}",
    )


def _words(text):
    """Return words of a row for Markdown: a number of Keras's object by its name."""
    return text.replace("{", "").replace("}", "").replace("*", "\\*").replace("_", "\\_")
