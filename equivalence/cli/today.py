"""The command ``today``: what the texts write that stops now, and what to write for it."""

from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from equivalence.errors import unknown
from equivalence.texts import found, printed
from equivalence.texts.today import ROWS


def today(options, console, errors):
    """The command ``today``: all old names, or all about those with a word or of a section."""
    name = " ".join(options.name)
    if not name:
        for row in ROWS:
            console.print(Text.assemble((row.name, "bold"), f"  {printed(row.sections)}"))
            console.print(Padding(Text(f"{row.ends}: {row.why}."), (0, 0, 0, 4)))
        console.print(Text("\nequivalence today NAME tells what to write now."))
        return 0
    for row in _chosen(name):
        console.print(Text.assemble((row.name, "bold"), f"  {printed(row.sections)}"))
        console.print(Text(f"{row.ends}: {row.why}."))
        for title, program in (("then", row.then), ("now", row.now)):
            console.print(Text(f"\n{title}", style="bold"))
            code = Syntax(program, "python", theme="ansi_dark", background_color="default")
            console.print(Padding(code, (0, 0, 0, 4)))
        console.print()
    return 0


def _chosen(name):
    """Return the rows with a word in their name or program, or those of a section."""
    word, sections = name.lower(), {section.key for section in found(name)}
    rows = [row for row in ROWS if word in row.name.lower()]
    rows = rows or [row for row in ROWS if sections.intersection(row.sections)]
    rows = rows or [row for row in ROWS if word in row.then.lower()]
    if not rows:
        raise unknown("old name", name, [row.name for row in ROWS], "equivalence today")
    return rows
