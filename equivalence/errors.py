"""What a user may be told: one sentence, and which choices there are."""


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
