"""The command ``books``: which text is which, and what answers its sections."""

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from equivalence.errors import BadInput
from equivalence.texts import SECTIONS, TEXTS, UNANSWERED, named


def books(options, console, errors):
    """The command ``books``: the texts, or the sections of one."""
    if options.text is None:
        for text in TEXTS.values():
            _print_text(text, console)
        console.print("\nequivalence books 001 lists the sections of one of them.", markup=False)
        return 0
    chosen = named(options.text)
    if not chosen:
        names = ", ".join(f"{text.key} {text.name}" for text in TEXTS.values())
        raise BadInput(f"no text is called {options.text!r}: the texts are {names}")
    for text in chosen:
        _print_text(text, console)
        console.print(_sections(text))
    return 0


def _print_text(text, console):
    """Print what a text is, in a few lines."""
    by = f", {text.author}" if text.author else ""
    console.print(Text.assemble((f"{text.key}  {text.name}", "bold"), f"  {text.title}{by}"))
    of_text = [section for section in SECTIONS.values() if section.text is text]
    words = f"{text.kind}; {text.language}; {len(of_text)} sections"
    console.print(Padding(Text(words), (0, 0, 0, 5)))


def _sections(text):
    """Return the table of a text's sections, and what answers each."""
    listing = Table.grid(padding=(0, 2))
    for section in SECTIONS.values():
        if section.text is text:
            listing.add_row(Text(section.number), Text(section.about), Text(answers(section)))
    return Padding(listing, (1, 0, 1, 0))


def answers(section):
    """Return what answers a section, in words: its pairs, commands, and figures that are held."""
    from equivalence.book.columns import EVERY
    from equivalence.pairs.table import of_section

    pairs = [row.name for row in of_section(section.key)]
    if section.prose:
        return "nothing to compute"
    figures = sum(f"{f.seed} {f.section}" == section.key for f in EVERY)
    held = [f"book: {figures} figures"] if figures else []
    return ", ".join([*pairs, *section.commands, *held]) or f"nothing: {UNANSWERED[section.key]}"
