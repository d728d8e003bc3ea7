"""The table of pairs: each row builds one training run on both sides.

To add a pair, write its file in ``refimpl`` and its twin in ``tfimpl``, and add
a row here; every test, command and page takes it from this table.
"""

from difflib import get_close_matches

from equivalence.errors import BadInput
from equivalence.pairs import layers, models
from equivalence.pairs.axes import AXES_ROWS
from equivalence.pairs.books import BOOK_ROWS
from equivalence.pairs.optimizers import (
    LOOK_UP_ROWS,
    OPTIMIZER_ROWS,
    OPTION_ROWS,
)
from equivalence.pairs.pair import Pair
from equivalence.pairs.shapes import SHAPE_ROWS
from equivalence.pairs.training import TRAINING_ROWS

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
    """Return the pair of that name; raise BadInput that names the choices."""
    if isinstance(name, str) and name in PAIRS:
        return PAIRS[name]
    close = get_close_matches(str(name), PAIRS, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(close)}? " if close else ""
    raise BadInput(f"unknown pair {name!r}: {hint}the pairs are {', '.join(PAIRS)}")
