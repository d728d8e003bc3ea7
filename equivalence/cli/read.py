"""The command ``read``."""

from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from equivalence.cli.files import check_writable
from equivalence.cli.looking_up import answers as answers_to
from equivalence.cli.progress import progress_bar
from equivalence.errors import BadInput, unknown
from equivalence.texts import SECTIONS, found


def read_twins(options, console, errors):
    """The command ``read``."""
    from equivalence.pairs.table import PAIRS
    from equivalence.reader import concepts, show

    known = concepts()
    name = _of_file(" ".join(options.name), known)
    if name == "all":
        return _write_all(options, console, errors)
    check_writable(options.html)
    if name not in known and name not in PAIRS:
        answers = _to_read(name, known)
        if len(answers) > 1:
            return _print_answers(name, answers, console)
        (name,) = answers
    # A name that is both, such as adam, is the concept: its pair is more files.
    pair = PAIRS.get(name) if name not in known or options.listing else None
    if options.listing:
        return _show_listing(name, pair, console)
    if options.html:
        return _write_page(name, pair, options, console, errors)
    files = pair.files if pair else [known[name]]
    show(files, f"{name} ({pair.where})" if pair else name, console)
    return 0


def _of_file(name, known):
    """Return the concept whose file this is, as a report names it; any other name as it is."""
    path = name.replace("\\", "/").removeprefix("./")  # as a shell of Windows completes it, too
    file = path.removeprefix("refimpl/").removeprefix("tfimpl/")
    files = {own: concept for concept, own in known.items()}
    return files.get(file) or files.get(f"{file}.py", name)


def _to_read(name, known):
    """Return what can be read of the sections called ``name``: {pair or concept: sections}."""
    from equivalence.pairs.table import PAIRS, of_section

    sections, readable = found(name), {}
    for section in sections:
        for answer in (*(row.name for row in of_section(section.key)), *section.concepts):
            readable.setdefault(answer, []).append(section)
    if readable:
        return readable
    if not sections:
        everything = (*known, *PAIRS, *SECTIONS)
        raise unknown("name", name, everything, "equivalence pairs, or books for sections,")
    section, said = sections[0], answers_to(sections[0])
    why = said if said.startswith("nothing") else f"it is answered by {said}"
    raise BadInput(f"nothing to read of {section.name} ({section.about}): {why}")


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
    for section in sections.values():
        for command in section.commands:
            if not command.startswith("read "):
                listing.add_row(Text(f"equivalence {command}"), "", Text(section.number))
    console.print(Padding(listing, (1, 0, 0, 2)))
    return 0


def _show_listing(name, pair, console):
    """Print a pair as one program of some forty lines, NumPy's beside Keras's."""
    from equivalence.pairs.table import ROWS
    from equivalence.reader import show_listing
    from equivalence.reader.listing import listing

    found = pair and listing(pair)
    if not found:
        names = ", ".join(row.name for row in ROWS if listing(row))
        raise BadInput(f"{name!r} is no pair with a listing: these are {names}")
    show_listing(found, f"{pair.name} ({pair.where})", console)
    return 0


def _write_page(name, pair, options, console, errors):
    """Write the page of a concept, or of a pair with what its run gives."""
    from equivalence.reader import concepts, write_page
    from equivalence.reader.lead import without_runs

    lead = None
    if pair and options.plain:
        lead = without_runs(pair)
    elif pair:
        with errors.status("running and drawing"), _leads() as lead_of:
            lead = lead_of(pair)
    files = pair.files if pair else [concepts()[name]]
    try:
        write_page(files, name, options.html, lead)
    except OSError as error:
        raise BadInput(f"cannot write {options.html!r}: {error.strerror}") from None
    console.print(f"wrote {options.html}", markup=False)
    return 0


def _write_all(options, console, errors):
    """Write the folder of all pages."""
    from equivalence.reader import concepts, write_all
    from equivalence.reader.index import pairs_of_texts
    from equivalence.reader.lead import without_runs

    if not options.html:
        raise BadInput("all twins are too much for a terminal: give --html FOLDER")
    folder = Path(options.html)
    if folder.suffix.lower() in (".html", ".htm"):
        raise BadInput(
            f"all twins are too much for one page: {options.html!r} must be a folder, "
            f"such as {str(folder.with_suffix(''))!r}"
        )
    leads = nullcontext(without_runs) if options.plain else _leads()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        check_writable(str(folder / "index.html"))
        with leads as lead_of, progress_bar(errors) as progress:
            total = len(concepts()) + len(pairs_of_texts()) + 1
            bar = progress.add_task("writing", total=total)
            for path in write_all(folder, lead_of):
                progress.update(bar, advance=1, description=path.name)
    except OSError as error:
        raise BadInput(f"cannot write {options.html!r}: {error.strerror}") from None
    console.print(f"wrote {path} and {total - 1} pages beside it", markup=False, soft_wrap=True)
    return 0


@contextmanager
def _leads():
    """Give a function that makes the Lead of a pair, TensorFlow's side in a worker."""
    from equivalence.machine.workers import Workers
    from equivalence.pictures.making import Maker
    from equivalence.reader.lead import with_runs

    with Workers(1) as pool:
        submit = lambda function, *arguments: pool.submit(function, *arguments).result()
        yield partial(with_runs, maker=Maker(submit=submit))
