"""The numbers of both sides as lines: the book's letters and format, what differs marked.

Equal digits are dim; ``|`` stands before the first digit that differs, and ``~`` behind a
number whose digits differ further on than they are printed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from rich.text import Text

from equivalence.judge.distance import largest, ulps

MOST_ROWS = 8  # of an array, in a terminal
DIFFERS, FURTHER_ON = "|", "~"
CUT = " ..."


@dataclass(frozen=True)
class Shown:
    """One array of one epoch: its letters, and what the sides have; None is not recorded."""

    name: str
    numpy: np.ndarray | None
    tensorflow: np.ndarray | None

    @property
    def both(self):
        return self.numpy is not None and self.tensorflow is not None

    @property
    def there(self):
        """What the side that has it has; NumPy's of both."""
        return self.tensorflow if self.numpy is None else self.numpy


def letters(stage, name):
    """Return what the books call an array of a stage: the gradient of W is Wb."""
    return f"{name}b" if stage == "gradients" else name


def arrays(numpy, tensorflow):
    """Return the Shown arrays of one epoch in the order in which a step computes them.

    numpy, tensorflow: stage -> name -> array, or None for a side that is not asked for.
    Of both sides, an activation that one does not record (Keras's Dense has no Z) is left out.
    """
    both, found = numpy is not None and tensorflow is not None, []
    for stage in ("activations", "loss", "flows", "gradients", "weights", "slots"):
        sides = [{} if side is None else side[stage] for side in (numpy, tensorflow)]
        for name in dict.fromkeys(name for side in sides for name in side):
            array = Shown(letters(stage, name), *(side.get(name) for side in sides))
            if stage != "activations" or array.both or not both:
                found.append(array)
    return found


def compared(shown):
    """Return how many numbers both sides have, how many differ, and the largest distance in ULP."""
    distances = [ulps(a.numpy, a.tensorflow).ravel() for a in shown if a.both]
    every = np.concatenate([*distances, np.zeros(0)])
    return len(every), int(np.count_nonzero(every)), largest(every)


# ------------------------------------------------------------------ one array


def lines(array, other, digits, width):
    """Return the lines of an array as the book prints it, marked where ``other`` differs.

    array, other: of one shape; ``other`` is None where there is nothing to compare.
    digits: behind the point; width: the most characters of a line.
    """
    if array.ndim == 0:
        return [_number(array, array if other is None else other, digits, 0)]
    array = array.reshape(-1, array.shape[-1])
    other = array if other is None else other.reshape(array.shape)
    cells = max(len(_plain(x, digits)) for x in np.concatenate([array, other]).ravel()[:4096])
    columns = array.shape[1]
    cut = 3 + columns * (cells + 2) > width
    if cut:
        columns = max(1, (width - 4 - len(CUT)) // (cells + 2))
    rows = [
        _row(a[:columns], b[:columns], digits, cells, cut)
        for a, b in zip(array[:MOST_ROWS], other[:MOST_ROWS], strict=True)
    ]
    rows = [Text.assemble("[[" if k == 0 else " [", row, "]") for k, row in enumerate(rows)]
    if len(array) > MOST_ROWS:
        rows.append(Text(f" ... {len(array)} rows"))
    else:
        rows[-1].append("]")
    return rows


def _row(ours, theirs, digits, cells, cut):
    numbers = [_number(a, b, digits, cells) for a, b in zip(ours, theirs, strict=True)]
    return Text.assemble(Text(" ").join(numbers), CUT if cut else "")


def _number(value, other, digits, width):
    """Return one number, and behind it a place for the sign that its digits differ further on."""
    text, twin = _plain(value, digits), _plain(other, digits)
    same = value == other or (np.isnan(value) and np.isnan(other))
    if text == twin:
        mark = "" if same else FURTHER_ON
        return Text.assemble(" " * (width - len(text)), (text, "dim"), (mark or " ", "bold red"))
    at = next(k for k, (a, b) in enumerate(zip(text + " ", twin + " ")) if a != b)
    head, digit, tail = text[:at], text[at : at + 1], text[at + 1 :]
    room = " " * (width - len(text))
    return Text.assemble(room, (head, "dim"), (DIFFERS + digit, "bold red"), tail)


def _plain(value, digits):
    """Return a number as the book's listings format it; a very large one with its exponent."""
    if abs(value) < 1e9 or not np.isfinite(value):
        return f"{float(value):{digits + 3}.{digits}f}"
    return f"{float(value):.{digits}e}"


# ------------------------------------------------------------------ one epoch


def beside(shown, digits, width) -> Iterator[Text]:
    """Yield the lines of one epoch: the sides beside each other, or under each other."""
    label = max(len(array.name) for array in shown) + 4
    half = (width - label - 2) // 2
    parts = [(array.name, *_sides(array, digits, half)) for array in shown]
    if any(_is_cut(a, digits, half) and not _is_cut(a, digits, width - label - 3) for a in shown):
        yield from _under(shown, digits, width)
        return
    for name, ours, theirs in parts:
        for k in range(max(len(ours), len(theirs))):
            head = Text(f" {name} =" if k == 0 else "").copy()
            head.pad_right(label - len(head))
            left = ours[k] if k < len(ours) else Text()
            left.pad_right(half + 2 - len(left))
            yield _stripped(Text.assemble(head, left, theirs[k] if k < len(theirs) else ""))


def _is_cut(array, digits, width):
    """Say whether columns of an array are left out in lines of ``width``."""
    return any(CUT in line.plain for line in lines(array.there, None, digits, width)[:1])


def _under(shown, digits, width):
    label = max(len(array.name) for array in shown) + 6
    for array in shown:
        for side, rows in zip(("np", "tf"), _sides(array, digits, width - label), strict=True):
            for k, row in enumerate(rows):
                head = f"{side} {array.name} =" if k == 0 else ""
                yield _stripped(Text.assemble(f"{head:<{label}}", row))


def alone(shown, digits, width) -> Iterator[Text]:
    """Yield the lines of one epoch of one side."""
    label = max(len(array.name) for array in shown) + 4
    for array in shown:
        for k, row in enumerate(lines(array.there, None, digits, width - label)):
            head = f" {array.name} =" if k == 0 else ""
            yield _stripped(Text.assemble(f"{head:<{label}}", row))


def _sides(array, digits, width):
    """Return the lines of both sides of an array; of one that a side lacks, that it does."""
    ours, theirs = array.numpy, array.tensorflow
    if not array.both:
        told = lines(array.there, None, digits, width)
        lacking = [Text("not recorded", style="dim")]
        return (told, lacking) if ours is not None else (lacking, told)
    return lines(ours, theirs, digits, width), lines(theirs, ours, digits, width)


def _stripped(line):
    line.rstrip()
    return line
