"""What every constraint has: a way forward."""


class Constraint:
    """What a step may not leave a weight as."""

    def forward(self, w):
        """Return the matrix w as a step leaves it."""
        raise NotImplementedError
