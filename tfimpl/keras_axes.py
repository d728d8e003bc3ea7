"""The axes of Keras's variables, which are matrices here."""


def keras_axis(axis, axes):
    """Return Keras's axis for a variable of so many axes, of a matrix's.

    Raises ValueError for the columns of a variable of one axis, where each would be one
    number, and where the axes are None: those of attention heads, which no matrix has.
    """
    if axes is None:
        raise ValueError("the kernels of attention heads have norms of their own")
    if axes == 1 and axis == -2:
        raise ValueError("a variable of one axis has one norm: axis must be -1")
    if axis == -1:
        return axes - 1
    return 0 if axes == 2 else list(range(axes - 1))
