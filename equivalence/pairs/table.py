"""The table of pairs: each row builds one training run on both sides.

To add a pair, write its file in ``refimpl`` and its twin in ``tfimpl``, and add
a row here; every test, command and page takes it from this table.
"""

from equivalence.errors import BadInput, unknown
from equivalence.pairs import layers, models
from equivalence.pairs.axes import AXES_ROWS
from equivalence.pairs.books import BOOK_ROWS
from equivalence.pairs.optimizers import (
    LOOK_UP_ROWS,
    OPTIMIZER_ROWS,
    OPTION_ROWS,
)
from equivalence.pairs.shapes import SHAPE_ROWS
from equivalence.pairs.training import TRAINING_ROWS
from equivalence.steps.pair import Pair
from equivalence.texts import SECTIONS, found

ROWS = (
    *BOOK_ROWS,
    *OPTIMIZER_ROWS,
    *OPTION_ROWS,
    *LOOK_UP_ROWS,
    *TRAINING_ROWS,
    *AXES_ROWS,
    *SHAPE_ROWS,
    *layers.ROWS,
    *models.ROWS,
)
PAIRS = {row.name: row for row in ROWS}


def find(name: str) -> Pair:
    """Return the pair of that name; raise BadInput that names the nearest."""
    if isinstance(name, str) and name in PAIRS:
        return PAIRS[name]
    raise unknown("pair", name, PAIRS, "equivalence pairs")


def of_section(key: str) -> tuple[Pair, ...]:
    """Return the pairs that answer a section of a text, by its key such as "001 417_5"."""
    return tuple(row for row in ROWS if key in row.sections)


def named(name: str) -> tuple[Pair, ...]:
    """Return the pair of that name, or the pairs of a section ("416_1", "003 A4", "417").

    Raises BadInput for a section that no pair answers, and for what is neither.
    """
    if name in PAIRS:
        return (PAIRS[name],)
    sections = found(name)
    pairs = {row.name: row for section in sections for row in of_section(section.key)}
    if pairs:
        return tuple(pairs.values())
    if sections:
        about = "; ".join(f"{section.name}, {section.about}" for section in sections)
        commands = [f"equivalence {command}" for s in sections for command in s.commands]
        instead = f"{', '.join(commands)} will" if commands else "equivalence pairs lists all"
        raise BadInput(f"no pair answers {name} ({about}): {instead}")
    raise unknown("pair or section", name, (*PAIRS, *SECTIONS), "equivalence pairs or books")
