"""Sections of the texts that nothing here answers, each with its reason."""

UNANSWERED = {
    "000 1-4": "times of a GPU: none was at hand for the text's product of two large matrices",
    "000 11-5": "MovieLens is not here, and no package comes with it",
    "002 5.1": "UCI's two tables of wine quality, read from the net; no package comes with them. "
    "Other wines, scikit-learn's, are wine-12-48-24-12-2 (5.8)",
    "002 5.2": "the two tables of 5.1 joined, which no package comes with. Other wines, "
    "scikit-learn's, are wine-12-48-24-12-2 (5.8)",
    "003 AlexNet": "times of frameworks of their day on a GPU that the text does not name: neither "
    "is here. `make bench` and `make bench-peers` time steps on this machine",
}
