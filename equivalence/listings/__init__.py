"""The numbers of a run, epoch by epoch, as the texts' listings print them: both sides."""

from equivalence.listings.sides import trajectory

__all__ = ["trajectory"]
