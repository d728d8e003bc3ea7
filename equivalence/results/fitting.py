"""A table that fits: at a narrow terminal the least needed columns go, and names stay whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

GAP = 2  # between two columns: the padding and the box's


@dataclass
class Column:
    """A column of a FittingTable.

    spare: 0 for one that always stays; else those with the smallest numbers go first.
    """

    name: str
    justify: Literal["left", "right"] = "left"
    spare: int = 0
    cells: list[str | Text] = field(default_factory=list)

    @property
    def width(self) -> int:
        texts = [*self.name.split("\n"), *map(str, self.cells)]
        return max(map(cell_len, texts))


class FittingTable:
    """Rows of whole cells; no cell is cut or wrapped while a spare column is left to go."""

    def __init__(self, columns: list[Column]) -> None:
        self.columns = columns

    def add_row(self, *cells: str | Text) -> None:
        for column, cell in zip(self.columns, cells, strict=True):
            column.cells.append(cell)

    def fitting(self, width: int) -> list[Column]:
        """Return the columns that fit into a width, in order."""
        left = list(self.columns)
        while sum(column.width + GAP for column in left) - GAP > width:
            spare = [column for column in left if column.spare]
            if not spare:
                break
            left.remove(min(spare, key=lambda column: column.spare))
        return left

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        left = self.fitting(options.max_width)
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
        for column in left:
            table.add_column(column.name, justify=column.justify, overflow="fold")
        for row in self._rows(left):
            table.add_row(*row)
        yield table

    @staticmethod
    def _rows(columns: list[Column]) -> Iterator[tuple[str | Text, ...]]:
        return zip(*(column.cells for column in columns))
