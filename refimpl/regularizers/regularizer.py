"""What every regularizer has: a way forward and a way back."""


class Regularizer:
    """A penalty on the size of a weight, or of what a layer puts out."""

    def forward(self, w):
        """Return the penalty of a matrix, (...): one number a net."""
        raise NotImplementedError

    def backward(self, yb, w):
        """Return the gradient times yb in parts, one for each term of the penalty."""
        raise NotImplementedError
