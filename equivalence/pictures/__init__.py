"""Pictures: what the course texts draw, drawn from the runs of both sides.

``table`` says which there are: kinds of pictures of a pair, one file each, and sheets, which
are of several pairs or of none.  ``course`` makes the runs, ``paper`` the file.
"""
