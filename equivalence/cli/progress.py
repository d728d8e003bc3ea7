"""The bar that shows how far a command is."""

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


def progress_bar(errors, last=None, time_left=False):
    """Return a bar with what is done, and when asked for the time that is left.

    last: a column instead of the count of tasks.
    """
    return Progress(
        BarColumn(),
        last or MofNCompleteColumn(),
        TimeElapsedColumn(),
        *((TimeRemainingColumn(),) if time_left else ()),
        TextColumn("{task.description}"),
        console=errors,
        transient=True,
    )
