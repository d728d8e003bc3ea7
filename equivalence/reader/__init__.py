"""The twins side by side: one concept, once in NumPy and once in TensorFlow.

``show`` prints them to a terminal, ``write_page`` writes a page and ``write_all`` a folder of
pages with an index; the first two take the files relative to the two trees
(``"optimizers/adam.py"``), as ``concepts`` names them.  The sources are read as text; what the
page of a pair has beside them, ``lead`` computes.
"""

from equivalence.reader.page import write_all, write_page
from equivalence.reader.sources import concepts
from equivalence.reader.terminal import show, show_listing

__all__ = ["concepts", "show", "show_listing", "write_all", "write_page"]
