"""One planted defect: where, what stands there instead, and the run that must show it."""

from dataclasses import dataclass

from equivalence.errors import Error


class DoesNotFit(Error, ValueError):
    """The source no longer has the line that is to be changed, or has it more than once."""


@dataclass(frozen=True)
class Plant:
    """One defect.

    name: what is wrong, in words.
    tree: "refimpl" or "tfimpl".
    file: relative to the tree.
    before, after: a piece of the source, which must occur there exactly once, and
        what replaces it.
    pair, dtype: the run that must show it.
    stage: where the first difference must be found.
    epoch: in which epoch.
    """

    name: str
    tree: str
    file: str
    before: str
    after: str
    pair: str
    stage: str
    epoch: int = 0
    dtype: str = "float32"

    @property
    def wrong_side(self):
        return "reference" if self.tree == "refimpl" else "tensorflow"
