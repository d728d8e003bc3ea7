"""A softmax, or sigmoid, whose logits are lost on the way to the loss.

Keras's softmax leaves its logits on the tensor that it returns, and the
cross-entropy computes with them; its sigmoid and the binary one do the same.  Where
the model is called through a function of its own, as in engine ``split``, only the
probabilities come out; then the cross-entropy divides them by their sum, clips them
at 1e-7 and takes the logarithm.
For moderate logits both agree to rounding.  For logits 40, 0, -40 and the third
class the loss is 80 on the one path and 16.1 on the other, and the gradient on the
other is 0: such a net never learns.
"""

from dataclasses import replace

from refimpl.activations import Sigmoid, Softmax
from refimpl.losses import BinaryCrossentropy, CategoricalCrossentropyFromProbabilities
from refimpl.networks import Output

NAME = "Keras's softmax or sigmoid loses its logits on this call path"


WITHOUT_LOGITS = {
    "SoftmaxOutput": Output(Softmax(), CategoricalCrossentropyFromProbabilities()),
    "SigmoidOutput": Output(Sigmoid(), BinaryCrossentropy()),
}


def leaves_logits(network):
    """Say whether a network ends in an activation that leaves its logits for the loss."""
    return type(getattr(network, "output", None)).__name__ in WITHOUT_LOGITS


def without_logits(program):
    """Return the program whose loss has the probabilities only."""
    output = WITHOUT_LOGITS[type(program.network.output).__name__]
    network = replace(program.network, output=output)
    return replace(program, network=network)
