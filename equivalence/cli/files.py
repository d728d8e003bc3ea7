"""Files that a command writes at its end: refused before the work, not after."""

import os

from equivalence.errors import BadInput


def check_writable(path: str | None) -> None:
    """Raise BadInput unless a file can be written at ``path``; nothing is left there.

    None is no file, which is fine.
    """
    if path is None:
        return
    was_there = os.path.lexists(path)
    try:
        with open(path, "ab"):
            pass
        if not was_there:
            os.remove(path)
    except OSError as error:
        raise BadInput(f"cannot write {path!r}: {error.strerror}") from None
