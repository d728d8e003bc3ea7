"""What a user may be told: one sentence, and which choices there are."""

from difflib import get_close_matches


class Error(Exception):
    """The base of all that this package raises for a user to catch: ``equivalence.Error``."""


class BadInput(Error, ValueError):
    """Something that the user gave cannot be used; the message says what and why."""


def choose(what, asked, known):
    """Return what was asked for, or all; raise BadInput with the choices."""
    for name in asked or ():
        if name not in known:
            raise BadInput(f"unknown {what} {name!r}: the choices are {', '.join(known)}")
    return tuple(asked or known)


def unknown(what, name, known, command):
    """Return a BadInput for a name that many names are near: the three nearest.

    what: what was to be named, as "pair"; command: what lists all of ``known``.
    """
    near = get_close_matches(str(name).lower(), known, n=3, cutoff=0.0)
    return BadInput(
        f"unknown {what} {name!r}: the nearest are {_joined(near)}; {command} lists all"
    )


def _joined(names):
    """Return "a", "a and b" or "a, b and c"."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
