"""One planted defect: where, what stands there instead, and the run that must show it."""

from dataclasses import dataclass

from equivalence.arithmetic import precisions
from equivalence.errors import Error

# The places of what no arithmetic can show.
SAME_BITS = "same bits"
LAST_BITS = "last bits"


class DoesNotFit(Error, ValueError):
    """The source no longer has the line that is to be changed, or has it more than once."""


@dataclass(frozen=True)
class Plant:
    """One defect.

    name: what is wrong, in words.
    tree: "refimpl", "tfimpl" or "keras".
    file: relative to the tree.
    before, after: a piece of the source, which must occur there exactly once, and
        what replaces it.
    run, dtype: what must show it: a run of its group (see ``plants.tables``).
    place: where the first difference must be found: a stage, as "slots", or a stage and a
        tensor, as "slots w1/momentum"; ``SAME_BITS`` or ``LAST_BITS`` of what cannot show.
    step: in which step, or of a schedule at which iteration.
    group: the table that it is of.
    reason: why no arithmetic can show it, of what cannot show.
    """

    name: str
    tree: str
    file: str
    before: str
    after: str
    run: str
    place: str
    step: int = 0
    dtype: str = precisions.USUAL
    group: str = ""
    reason: str = ""

    @property
    def wrong_side(self):
        return "reference" if self.tree == "refimpl" else "tensorflow"

    def __str__(self):
        return f"{self.tree}: {self.run}: {self.name}"
