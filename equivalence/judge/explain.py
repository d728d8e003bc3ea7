"""Which operation first gave the two sides different bits.

Both sides are honest here; they rounded differently.  The element where the
trajectories part is computed again from its operands in the few orders that
libraries use, without and with fused multiply-add, exactly and then rounded
once where the hardware rounds once; the orders that give each side's bits are
named.  Where none does, the operation is named without an order.
"""

from fractions import Fraction
from itertools import permutations

import numpy as np

MOST_TERMS = 4


def explain(program, place, reference, tensorflow):
    """Return a phrase for the operation at ``place``.

    place: (step, stage, tensor, index) of the first different bits.
    reference, tensorflow: the two trajectories, equal in bits until there.
    """
    step, stage, tensor, index = place
    ours = reference.computed(stage)[tensor][(step, *index)]
    theirs = tensorflow.computed(stage)[tensor][(step, *index)]
    recipes = _recipes(program, place, tensorflow)
    of_numpy, of_tensorflow = _first(recipes, ours), _first(recipes, theirs)
    if of_numpy and of_tensorflow:
        return f"{_operation(program, stage, tensor)}: NumPy {of_numpy}, TensorFlow {of_tensorflow}"
    if of_tensorflow:
        return f"{_operation(program, stage, tensor)}: TensorFlow {of_tensorflow}"
    return _operation(program, stage, tensor)


def _first(recipes, value):
    return next((name for name, result in recipes if result == value), None)


def _operation(program, stage, tensor):
    """Name the operation that computes a tensor."""
    if stage == "weights":
        return f"the update of {tensor}"
    if stage == "slots":
        return f"the update of {tensor}"
    if stage == "flows":
        return f"{tensor}, what flows back"
    if stage == "gradients":
        return f"the gradient of {tensor}"
    if stage == "loss":
        return "the sum of the loss"
    function = _function(program, tensor)
    return f"{tensor} = {function}" if function else f"the matmul of {tensor}"


def _function(program, tensor):
    """Return the name of the activation that makes ``tensor``, if it is not linear."""
    names = program.layout.activations
    last = names.index(tensor) == len(names) - 1
    end, hidden = program.network.end if last else None, vars(program.network).get("hidden")
    activation = end.activation if end else hidden
    name = activation.name if activation else "linear"
    odd = names.index(tensor) % 2 == 1
    return None if name == "linear" or not odd else f"{name}(...)"


def _recipes(program, place, tensorflow):
    """Return (words, value) for the orders in which the element may be computed."""
    step, stage, tensor, index = place
    rate = program.optimizer.learning_rate
    if stage == "weights" and type(program.optimizer).__name__ == "SGD" and np.isscalar(rate):
        weight = tensorflow.before("weights")[tensor][(step, *index)]
        gradient = tensorflow.gradients[tensor][(step, *index)]
        rate = np.asarray(rate, program.dtype)
        return [
            ("rounds the product", weight - gradient * rate),
            ("fuses multiply and subtract", _fma(-gradient, rate, weight)),
        ]
    if stage == "activations":
        return _product_recipes(program, place, tensorflow)
    return []


def _product_recipes(program, place, tensorflow):
    """Return the orders of x @ w + b, and of its ReLU, for one element of a layer."""
    step, _, tensor, index = place
    names, weights = program.layout.activations, program.layout.weights
    of_dense = len(names) == len(weights) and len(names) % 2 == 0
    of_dense = of_dense and not any(program.network.letters.values())
    if "layers" in vars(program.network) or not of_dense:  # not a row of Dense layers
        return []
    layer, after = divmod(names.index(tensor), 2)
    below = f"{names[2 * layer - 1]}" if layer else None
    inputs, _ = program.batch(tensorflow.first_step + step)
    rows = tensorflow.activations[below][step] if below else inputs
    kernel, bias = (tensorflow.weights[name][step] for name in weights[2 * layer :][:2])
    x, w, b = rows[index[-2]], kernel[:, index[-1]], bias[0, index[-1]]
    rectified = after and "relu" in (_function(program, tensor) or "")
    if len(x) > MOST_TERMS or (_function(program, tensor) and not rectified):
        return []
    recipes = []
    for order in permutations(range(len(x))):
        words = "" if list(order) == sorted(order) else f" in the order {order}"
        recipes += [
            (f"rounds every product{words}", _plain(x, w, order) + b),
            (f"fuses multiply and add{words}", _fused(x, w, order, x.dtype.type(0)) + b),
            (f"fuses multiply and add from the bias on{words}", _fused(x, w, order, b)),
            (f"adds the products to the bias{words}", _plain(x, w, order, b)),
        ]
    return [(name, np.maximum(value, 0) if rectified else value) for name, value in recipes]


def _plain(x, w, order, start=None):
    total = start
    for i in order:
        product = x[i] * w[i]
        total = product if total is None else total + product
    return total


def _fused(x, w, order, start):
    total = start
    for i in order:
        total = _fma(x[i], w[i], total)
    return total


def _fma(a, b, c):
    """Return a * b + c, rounded once."""
    exact = Fraction(float(a)) * Fraction(float(b)) + Fraction(float(c))
    return _nearest(exact, np.asarray(a).dtype)


def _nearest(exact, dtype):
    """Round a fraction to the nearest float; of two neighbours the closer one."""
    guess = np.asarray(float(exact), dtype)[()]
    around = (np.nextafter(guess, -np.inf), guess, np.nextafter(guess, np.inf))
    return min(around, key=lambda f: (abs(Fraction(float(f)) - exact), f != guess))
