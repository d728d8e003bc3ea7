"""What every schedule has: its rate."""


class Schedule:
    """A learning rate that changes from step to step."""

    def rate(self, iterations):
        """Return the learning rate of a step, of how many were taken before it."""
        raise NotImplementedError
