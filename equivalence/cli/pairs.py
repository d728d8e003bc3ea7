"""The command ``pairs``: the table of pairs, a part of it, or all about one."""

from inspect import getdoc

import numpy as np
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from equivalence import trees
from equivalence.errors import BadInput, choose
from equivalence.pairs.table import PAIRS, ROWS, named
from equivalence.runs.select import GROUPS
from equivalence.texts import SECTIONS, TEXTS, found
from equivalence.texts import named as texts_named

# The groups that answer a section of a text: what is listed where nothing else is asked for.
OF_TEXTS = ("books", "models")


def pairs(options, console, errors):
    """The command ``pairs``."""
    name, filters = " ".join(options.name), (options.book, options.group, options.only)
    if name in PAIRS and not any(filters):
        _print_pair(PAIRS[name], console)
        return 0
    chosen = _chosen(name, *filters)
    if len(chosen) == 1:
        _print_pair(*chosen, console)
        return 0
    console.print(_table(chosen))
    if not name and not any(filters):
        _print_other_groups(console)
    return 0


def _chosen(name, book, group, only):
    """Return the rows that pass all filters; raise BadInput where there is none."""
    rows = named(name) if found(name) else ROWS
    words = [only or "", "" if found(name) else name]
    if book is not None:
        texts = texts_named(book)
        if not texts:
            raise BadInput(f"no text is called {book!r}: the texts are {', '.join(TEXTS)}")
        rows = [row for row in rows if any(SECTIONS[key].text in texts for key in row.sections)]
    if group is not None:
        groups = choose("group", group.split(","), GROUPS)
        rows = [row for row in rows if row.group in groups or "all" in groups]
    elif not name and book is None and only is None:
        rows = [row for row in rows if row.group in OF_TEXTS]
    for word in " ".join(words).lower().split():
        rows = [row for row in rows if word in _words(row)]
    if not rows:
        raise BadInput("no pair is so: equivalence pairs --group all lists every one")
    return rows


def _words(row):
    """Return what a row may be looked for by."""
    about = " ".join(SECTIONS[key].about for key in row.sections)
    return f"{row.name} {row.where} {about} {row.note}".lower()


def _table(rows):
    """Return the listing of pairs: a line of name and place, and what the row says."""
    listing = Table.grid(padding=(0, 2))
    listing.add_column(no_wrap=max(len(row.name) for row in rows) <= 36)
    listing.add_column()
    listing.add_column(justify="right", no_wrap=True)
    for row in rows:
        where = f"{row.where}. {row.note}" if row.note else row.where
        listing.add_row(Text(row.name, style="bold"), Text(where), f"{row.epochs:,}")
    return Padding(listing, (0, 0, 1, 0))


def _print_other_groups(console):
    """Say which groups of pairs are not listed, and how they are."""
    groups = [group for group in GROUPS if group not in (*OF_TEXTS, "all")]
    counts = {group: sum(row.group == group for row in ROWS) for group in groups}
    parts = ", ".join(f"{group} {count}" for group, count in counts.items())
    words = f"The last number is the text's epochs. Not listed: {parts}; equivalence pairs --group "
    console.print(Text(words + "NAME lists them, equivalence pairs NAME tells all about a pair."))


# ------------------------------------------------------------------- one pair


def _print_pair(pair, console):
    """Print all about one pair."""
    from equivalence.book.columns import EVERY

    m = trees.reference()
    network, optimizer, weights = pair.network(m), pair.optimizer(m), pair.start()
    inputs, targets = pair.data()
    console.print(Text(pair.name, style="bold"))
    facts = Table.grid(padding=(0, 2))
    for key in pair.sections:
        facts.add_row("", Text(f"{SECTIONS[key].name}: {SECTIONS[key].about}"))
    for what, words in (
        ("what", "" if pair.sections else pair.source),
        ("note", pair.note),
        ("network", type(network).__name__),
        ("optimizer", f"{type(optimizer).__name__}, learning rate {_rate(optimizer)}"),
        ("weights", ", ".join(map(_shape, network.weight_names, weights))),
        ("data", f"{_shape('inputs', inputs)}, {_shape('targets', targets)}{_source(pair)}"),
        ("epochs", _epochs(pair)),
        ("Keras", _keras(pair)),
        ("figures", _figures(EVERY, pair)),
        ("group", pair.group),
        ("files", f"refimpl/ and tfimpl/: {', '.join(pair.files)}"),
        ("commands", f"equivalence read, verify or plot, and {pair.name}"),
    ):
        if words:
            facts.add_row(Text(what, style="dim"), Text(words))
    console.print(Padding(facts, (0, 0, 0, 2)))


def _keras(pair):
    """Return what a reader should know of a pair's twin in Keras."""
    if pair.in_turn:
        return "several models, trained in turn by train_on_batch"
    return "" if pair.keras else "has no such classes: TensorFlow's side is GradientTape"


def _rate(optimizer):
    """Return an optimizer's learning rate, or the name of its schedule."""
    rate = optimizer.learning_rate
    return rate if isinstance(rate, (int, float)) else f"by {type(rate).__name__}"


def _shape(name, array):
    """Return a name with a shape: W (2, 2)."""
    return f"{name} {np.shape(array)}"


def _source(pair):
    """Return what the function that makes a pair's data says of them."""
    said = (getdoc(pair.data) or "").split("\n\n")[0]
    if not said and pair.group == "books":
        return ": the text's own"
    return ": " + " ".join(said.removeprefix("Return ").split()).rstrip(".") if said else ""


def _epochs(pair):
    samples, steps = len(pair.data()[0]), pair.steps_per_epoch
    batch = f"{steps} steps an epoch, of {pair.batch_size} samples" if steps > 1 else "a step each"
    return f"{pair.epochs:,}, {batch}; {samples} sample{'s' * (samples > 1)}"


def _figures(figures, pair):
    """Return how many things the texts print of a pair's run, and how many can come out."""
    printed = [figure for figure in figures if figure.pair == pair.name]
    held = sum(figure.reproducible for figure in printed)
    words = f"{len(printed)} in the texts, {held} of them held by equivalence book"
    return words if printed else ""
