"""Where a command prints: terminals that lack characters, pipes that end, disks that are full."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

# What a terminal without these characters gets in their place; any other gets "?".
IN_ASCII = {
    "\N{ALMOST EQUAL TO}": "~",
    "\N{NOT EQUAL TO}": "!=",
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{EM DASH}": "-",
    "\N{EN DASH}": "-",
    "\N{MICRO SIGN}": "u",
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{BULLET}": "*",
}
CLOSED = 141  # 128 + SIGPIPE: what a shell says of a command whose reader has gone


class PipeClosed(Exception):
    """Whoever read what is printed has gone."""


class Terminal(Console):
    """A Console that leaves to ``main`` what happens when its reader has gone."""

    def on_broken_pipe(self) -> None:
        raise PipeClosed


def _in_ascii(error: UnicodeError) -> tuple[str, int]:
    """Replace what a terminal cannot show (a handler of encoding errors)."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(IN_ASCII.get(character, "?") for character in text), error.end


codecs.register_error("equivalence-in-ascii", _in_ascii)


def show_what_can_be_shown() -> None:
    """Have both streams of this process replace what their encodings lack."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # not what a test has put in their place
            stream.reconfigure(errors="equivalence-in-ascii")


@contextmanager
def without_notices() -> Iterator[None]:
    """Within, nothing is written to stderr: TensorFlow's notices when it is first imported."""
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # a process without a stderr
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(nowhere)
        os.close(kept)


def drop_output() -> None:
    """Send what is still to be printed nowhere: its reader has gone, or the disk is full."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
