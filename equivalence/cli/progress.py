"""The bar that shows how far a command is."""

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)


def progress_bar(errors, last=None):
    """Return a bar with what is done; ``last``: a column instead of the count of tasks."""
    return Progress(
        BarColumn(),
        last or MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        console=errors,
        transient=True,
    )
