"""A known variant of a training step: what somebody's code does where Keras does otherwise."""

from collections.abc import Callable
from dataclasses import dataclass

# Whether a variant is right by another definition, departs from the mathematics, or does so
# with Keras, by a known upstream defect.
DEFINITION = "definition"
MISTAKE = "mistake"
DEFECT = "defect"


@dataclass(frozen=True)
class Variant:
    """One row of the table of causes.

    part: what it is of: "Adam", "loss", "Dense", "data".
    name: as the page of causes anchors it.
    yours: what your code does, a clause behind "yours"; keras: behind "Keras".
    who: a source that has it so, or who usually writes it.
    mend: how to write it to match.
    symptom: what one sees.
    change: takes a Recipe and yields (where, Recipe) for each place at which this one thing is
        otherwise; where is "" if there is only one.
    kind: DEFINITION, where the source is right by its own definition, MISTAKE, or DEFECT, where
        Keras departs from the mathematics and yours does as it does.
    alone: whether it is not tried together with others, for it is not sharp.
    fitted: whether it is made of what was brought; then it gives way to what holds without that.
    """

    part: str
    name: str
    yours: str
    keras: str
    who: str
    mend: str
    symptom: str
    change: Callable
    kind: str = MISTAKE
    alone: bool = False
    fitted: bool = False

    def sentence(self, where=""):
        """Say what yours does, and what Keras does."""
        place = f" ({where})" if where else ""
        return f"Your {self.part}{place} {self.yours}; Keras {self.keras}"
