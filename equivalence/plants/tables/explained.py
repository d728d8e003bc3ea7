"""The mutants that survive, and why no arithmetic can show them.

A row names the trees, the file, the function, what became what, and of how many such nodes
which (1 if not said).  A row whose mutant is gone, or is killed, is an error: it can go.
"""

# {(tree, file, function, before, after, number): reason}
ROWS: dict = {}


def reason(mutant):
    """Return why a mutant cannot show, or ""."""
    return ROWS.get((mutant.tree, *mutant.key), "")


def rows_of(tree, file):
    """Return the rows of one file of a tree."""
    return [row for row in ROWS if row[:2] == (tree, file)]
