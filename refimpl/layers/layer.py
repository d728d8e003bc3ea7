"""What every layer has: shapes, names, and a way forward and back."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A layer: ``forward`` takes weights and inputs, ``backward`` goes the same way back.

    input_shape: of one sample, without the batch; ``build`` sets it.

    Inputs have the shape (..., batch, *input_shape): leading axes are those of many nets
    or of many steps, and the weights have them too.  Every weight is a matrix: a bias is
    (1, units), and of a kernel of more axes than two all but the last are one.

    ``weights`` holds the trainable ones, in the order of ``weight_names``, and behind
    them the layer's states, in the order of ``state_names``: numbers that a step changes
    without a gradient.

    A mask says which time steps of each sample count: (..., batch, steps), 1 or 0, or None
    where all do.  It is the third argument of ``forward`` of a layer that takes masks.  One
    that passes masks on gives its outputs the mask of its inputs; at all others it ends.

    sparse_names: the weights whose gradients Keras has in parts, as a ``tf.IndexedSlices``.
    letter_names: what a layer with a loop over time makes in each time step, in order; or
        what another makes inside, as if in one time step.
    share_names: the weights of whose gradients the share of each time step is noted.
    What flows back to either is noted too, by its name with a b behind.
    """

    input_shape: Any = None

    weight_names: ClassVar[tuple] = ()
    state_names: ClassVar[tuple] = ()
    sparse_names: ClassVar[tuple] = ()
    letter_names: ClassVar[tuple] = ()
    share_names: ClassVar[tuple] = ()
    takes_mask: ClassVar[bool] = False
    passes_mask: ClassVar[bool] = False

    def build(self, input_shape):
        """Return the same layer for inputs of this shape."""
        return replace(self, input_shape=tuple(input_shape))

    @property
    def weight_shapes(self):
        """The shape of each trainable weight, a matrix."""
        return ()

    @property
    def output_shape(self):
        """The shape of one sample's output."""
        return self.input_shape

    def start_states(self):
        """Return the states before the first step."""
        return ()

    def next_states(self, kept):
        """Return the states after a step, from what ``forward`` kept."""
        return ()

    def note(self, seen, name, value):
        """Note a letter of a time step, or its gradient, in ``seen``; return it."""
        seen.setdefault(name, []).append(value)
        return value

    def note_whole(self, seen, name, value, axes):
        """Note an array with so many axes behind the batch, all numbers in one row."""
        row = value.reshape(*value.shape[: len(value.shape) - axes], -1)
        return self.note(seen, name, row).reshape(*value.shape)

    def noted(self, kept):
        """Return the letters of each time step, in the order taken: name -> a list."""
        return {}

    def penalties(self, weights, kept):
        """Return what the layer adds to the error.

        What penalties of the weights hand back is a part of ``backward``; what those of the
        outputs do is ``penalties_back``.
        """
        return ()

    def penalties_back(self, kept):
        """Return what penalties of the outputs add to the gradient of these."""
        return ()

    def constrained(self, weights):
        """Return the trainable weights as a step leaves them, behind the optimizer."""
        return tuple(weights)

    def next_mask(self, x, mask):
        """Return the mask of the outputs, of the inputs and their mask, if there is one."""
        return mask if self.passes_mask else None

    def forward(self, weights, x):
        """Return the outputs, and what ``backward`` needs."""
        raise NotImplementedError

    def backward(self, weights, kept, yb):
        """Return the gradient of the inputs, and a tuple of those of the weights.

        yb: the whole gradient of the outputs, ``penalties_back`` in it.
        """
        raise NotImplementedError

    def weights_back(self, weights, kept, yb):
        """Return the gradients of the weights alone, as ``backward`` has them."""
        return self.backward(weights, kept, yb)[1]

    def leading(self, x):
        """Return the leading axes of x, those before the batch."""
        return x.shape[: len(x.shape) - len(self.input_shape) - 1]

    def batch(self, x):
        """Return how many samples x has."""
        return x.shape[-len(self.input_shape) - 1]

    def rows(self, x):
        """Return x as (..., rows, features): a row for each place of each sample."""
        return x.reshape(*self.leading(x), -1, x.shape[-1])
