"""The commands ``books`` and ``read``: the texts, their sections, and the twins."""

from functools import partial

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from equivalence.cli.files import check_writable
from equivalence.errors import BadInput, unknown
from equivalence.texts import SECTIONS, TEXTS, found, named


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
            listing.add_row(Text(section.number), Text(section.about), Text(_answers(section)))
    return Padding(listing, (1, 0, 1, 0))


def _answers(section):
    """Return what answers a section, in words: its pairs, or commands."""
    from equivalence.pairs.table import of_section

    pairs = [row.name for row in of_section(section.key)]
    if section.prose:
        return "nothing to compute"
    return ", ".join([*pairs, *section.commands]) or "nothing here"


def read_twins(options, console, errors):
    """The command ``read``."""
    from equivalence.pairs.table import PAIRS
    from equivalence.reader import concepts, show, write_all, write_page

    check_writable(options.html)
    name, known = " ".join(options.name), concepts()
    if name == "all":
        if not options.html:
            raise BadInput("all twins are too much for a terminal: give --html FILE")
        return _written(write_all, options.html, console)
    # A name that is both, such as adam, is the concept: its pair is more files.
    if name not in known and name not in PAIRS:
        answers = _to_read(name, known)
        if len(answers) > 1:
            return _print_answers(name, answers, console)
        (name,) = answers
    if name in known:
        files, title = [known[name]], name
    else:
        pair = PAIRS[name]
        files, title = list(pair.files), f"{pair.name} ({pair.where})"
    if options.html:
        return _written(partial(write_page, files, title), options.html, console)
    show(files, title, console)
    return 0


def _to_read(name, known):
    """Return what can be read of the sections called ``name``: {pair or concept: sections}."""
    from equivalence.pairs.table import PAIRS, of_section

    sections, answers = found(name), {}
    for section in sections:
        for answer in (*(row.name for row in of_section(section.key)), *section.concepts):
            answers.setdefault(answer, []).append(section)
    if answers:
        return answers
    if not sections:
        everything = (*known, *PAIRS, *SECTIONS)
        raise unknown("name", name, everything, "equivalence pairs, or books for sections,")
    prose = all(section.prose for section in sections)
    why = "it has nothing to compute" if prose else "nothing here answers it"
    raise BadInput(f"nothing to read of {sections[0].name} ({sections[0].about}): {why}")


def _print_answers(name, answers, console):
    """Print what a section that has several answers has, and how each is read."""
    from equivalence.pairs.table import PAIRS

    sections = {section.key: section for of in answers.values() for section in of}
    for section in sections.values():
        console.print(Text.assemble((section.name, "bold"), f"  {section.about}"))
    listing = Table.grid(padding=(0, 2))
    for answer, of in answers.items():
        what = "pair" if answer in PAIRS else "concept"
        numbers = ", ".join(section.number for section in of)
        listing.add_row(Text(f"equivalence read {answer}"), what, Text(numbers))
    console.print(Padding(listing, (1, 0, 0, 2)))
    return 0


def _written(write, path, console):
    """Write a page by ``write`` of its path, and say so."""
    try:
        write(path)
    except OSError as error:
        raise BadInput(f"cannot write {path!r}: {error.strerror}") from None
    console.print(f"wrote {path}", markup=False)
    return 0
