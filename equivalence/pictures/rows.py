"""Pairs that only pictures have: runs that a text draws and prints no number of."""

from equivalence.pairs import table
from equivalence.steps.pair import Pair
from equivalence.texts import at


def find_pair(name: str) -> Pair:
    """Return a pair of the table, or one that only a picture has."""
    return OWN[name] if name in OWN else table.find(name)


def _on_the_bowl(name, optimizer):
    """Return a descent in the two numbers of a line through Pearson's points.

    Their mean squared error is a bowl over slope and intercept, long and narrow: what a text
    draws to show how ways down differ.
    """
    line = table.PAIRS["ordinary-least-squares"]
    return Pair(
        f"bowl-{name}",
        at("000", "1-8 1-9"),
        network=line.network,
        optimizer=optimizer,
        start=lambda: ([[1.2]], [[1.0]]),
        data=line.data,
        epochs=60,
    )


OWN = {
    row.name: row
    for row in (
        _on_the_bowl("sgd", lambda m: m.SGD(0.04)),
        _on_the_bowl("momentum", lambda m: m.Momentum(0.02, 0.8)),
        _on_the_bowl("nesterov", lambda m: m.Nesterov(0.02, 0.8)),
        _on_the_bowl("adam", lambda m: m.Adam(0.3)),
    )
}
