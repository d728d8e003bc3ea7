"""What an operation of a graph may return for the operands that it had: one rule a kind.

A rule is NumPy code with the operation's arguments by place and its attributes by name.  It
is run over rounding balls, as all NumPy code of this package is (``docs/design.md``); or, where
nothing is rounded, over the numbers themselves, and then gives the only result there is.

    @equivalence.graph.rule("Softsign")
    def softsign(features):
        return features / (1 + np.abs(features))
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from equivalence.errors import BadInput


@dataclass(frozen=True)
class Rule:
    """What is known of one kind of operation.

    kind: TensorFlow's name of it.
    answer: NumPy's, of the operands and of those attributes that it names.
    exact: whether nothing is rounded: numbers are moved, chosen, counted or compared.
    enclosure: over balls in the place of ``answer``, where TensorFlow has an algorithm of its own.
    """

    kind: str
    answer: Callable
    exact: bool = False
    enclosure: Callable | None = None

    def attributes(self, given):
        """Return of an operation's attributes those that ``answer`` names."""
        return {name: given[name] for name in _keywords(self.answer) if name in given}

    def over_balls(self, operands, attributes, model):
        """Return the balls; an enclosure that makes its own of whole numbers is given the model."""
        answer = self.enclosure or self.answer
        if self.enclosure and _takes_model(answer):
            attributes = {**attributes, "model": model}
        return answer(*operands, **attributes)


@cache
def _keywords(answer):
    """Return the names of the attributes that an answer takes."""
    parameters = inspect.signature(answer).parameters.values()
    return tuple(p.name for p in parameters if p.kind is p.KEYWORD_ONLY)


@cache
def _takes_model(enclosure):
    """Say whether an enclosure is given the model."""
    return "model" in inspect.signature(enclosure).parameters


RULES: dict[str, Rule] = {}


def rule(*kinds, exact=False, enclosure=None):
    """Register a function as the rule of these kinds of operations.

    exact: nothing is rounded, so there is one result only.

    Raises BadInput for a kind that TensorFlow has not.
    """

    def register(answer):
        for kind in kinds:
            RULES[kind] = Rule(kind, answer, exact, enclosure)
        return answer

    if not kinds or not all(isinstance(kind, str) for kind in kinds):
        raise BadInput('a rule is registered by the names of operations: @rule("Softsign")')
    return register
