"""Sections of the texts that nothing here answers, each with its reason."""

UNANSWERED = {
    "000 1-4": "times of a GPU: none was at hand for the text's product of two large matrices",
    "000 1-6": "a graph of two nodes, to look at",
    "000 11-5": "MovieLens is not here, and no package comes with it",
    "002 5.1": "wines of UCI read from the net; the row of 5.8 has other wines",
    "002 5.2": "two files joined; the row of 5.8 has other wines",
}
