"""The twins side by side: one concept, once in NumPy and once in TensorFlow.

``show`` prints them to a terminal, ``write_page`` writes a page and ``write_all`` the page
of all twins with an index; the first two take the
files relative to the two trees (``"optimizers/adam.py"``), as ``concepts`` names
them.  Neither NumPy nor TensorFlow is imported: the sources are read as text.
"""

from equivalence.reader.page import write_all, write_page
from equivalence.reader.sources import concepts
from equivalence.reader.terminal import show

__all__ = ["concepts", "show", "write_all", "write_page"]
