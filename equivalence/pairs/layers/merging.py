"""Layers of several inputs."""

from equivalence.pairs.layers.row import layer, wrong

THREE = ((2, 3),) * 3
# Columns, a row that is the same at every place, and all.
BROADCAST = ((2, 1), (2, 1), (3,), (2, 3))
ROWS = (
    layer("add", THREE, lambda m: m.Add()),
    layer("subtract", ((3,), (3,)), lambda m: m.Subtract()),
    layer("multiply", THREE, lambda m: m.Multiply()),
    layer("average", THREE, lambda m: m.Average()),
    layer("maximum", THREE, lambda m: m.Maximum()),
    layer("minimum", THREE, lambda m: m.Minimum()),
    *(
        layer(f"{name.lower()}-broadcast", BROADCAST, lambda m, name=name: getattr(m, name)())
        for name in ("Add", "Multiply", "Average", "Maximum", "Minimum")
    ),
    layer("subtract-broadcast", ((3,), (2, 1)), lambda m: m.Subtract()),
    layer("concatenate", ((3,), (2,), (3,)), lambda m: m.Concatenate()),
    layer("concatenate-places", ((2, 3), (3, 3)), lambda m: m.Concatenate(1)),
    layer("dot", ((3,), (3,)), lambda m: m.Dot(1)),
    layer("dot-places", ((2, 3), (3, 3)), lambda m: m.Dot((2, 1))),
    layer("dot-normalized", ((3, 2), (2, 3)), lambda m: m.Dot((1, -1), True)),
)

MERGE = "layers/merge.py"
ADD, SUBTRACT, MULTIPLY = "layers/add.py", "layers/subtract.py", "layers/multiply.py"
AVERAGE, MAXIMUM, MINIMUM = "layers/average.py", "layers/maximum.py", "layers/minimum.py"
CONCATENATE, DOT = "layers/concatenate.py", "layers/dot.py"
# fmt: off
# ruff: noqa: E501
PLANTS = wrong(
    ("the last input left out", "tfimpl", ADD, "self.aligned(x)", "self.aligned((x[0], x[1], 0 * x[2]))", "add", "activations"),
    ("the gradient shared out among the addends", "refimpl", ADD, "(yb,) * len(kept)", "(yb / len(kept),) * len(kept)", "add", "gradients"),
    ("the mean of what a broadcast hands back", "refimpl", MERGE, "np.sum(yb, axis=axes", "np.mean(yb, axis=axes", "add-broadcast", "gradients"),
    ("an input that is missing in a sum of broadcast ones", "tfimpl", MERGE, "in x)\n        return total(", "in (x[0], x[1], 0 * x[2], x[3]))\n        return total(", "average-broadcast", "activations"),
    ("a product's gradient by the factor of one place", "refimpl", MULTIPLY, "yb = self.back_to(before, yb * factor)", "yb = self.back_to(before, yb * factor[..., :1])", "multiply-broadcast", "gradients"),
    ("left and right swapped", "refimpl", SUBTRACT, "left - right", "right - left", "subtract", "activations"),
    ("sign forgotten on the way back", "refimpl", SUBTRACT, "(yb, -yb)", "(yb, yb)", "subtract", "gradients"),
    ("an input's own factor on the way back", "refimpl", MULTIPLY, "products[-2::-1]", "products[-1:0:-1]", "multiply", "gradients"),
    ("divided by two, whatever the number of inputs", "tfimpl", AVERAGE, "/ len(x)", "/ 2", "average", "activations"),
    ("gradient not divided", "refimpl", AVERAGE, "(yb / len(kept),)", "(yb,)", "average", "gradients"),
    ("gradient to every input", "refimpl", MAXIMUM, "gradients.append(np.where(stays, 0, yb))", "gradients.append(yb)", "maximum", "gradients"),
    ("gradient of the last pair alone", "refimpl", MAXIMUM, "best = np.maximum(best, each)", "best = each", "maximum", "gradients"),
    ("the largest's gradient", "refimpl", MINIMUM, "stays = best <= each", "stays = best >= each", "minimum", "gradients"),
    ("half of an input's gradient stopped", "tfimpl", MINIMUM, "y = tf.minimum(y, each)", "y = tf.minimum(y, (each + tf.stop_gradient(each)) / 2)", "minimum", "gradients"),
    ("inputs in another order", "tfimpl", CONCATENATE, "tf.concat(x, ", "tf.concat(x[::-1], ", "concatenate-places", "activations"),
    ("every gradient cut from the start", "refimpl", CONCATENATE, "start = end", "start = 0", "concatenate", "gradients"),
    ("gradients handed over in another order", "refimpl", CONCATENATE, "return gradients, ()", "return gradients[::-1], ()", "concatenate", "gradients"),
    ("the other axis of the second input", "refimpl", DOT, "moved = np.moveaxis(x, self.places[which], -1)", "moved = x", "dot-places", "activations"),
    ("gradients of the two inputs swapped", "refimpl", DOT, "self.back_of(yb @ right, 0), self.back_of(yb.mT @ left, 1)", "self.back_of(yb.mT @ left, 0), self.back_of(yb @ right, 1)", "dot", "gradients"),
    ("lengths left out", "tfimpl", DOT, "if self.normalize:", "if False:", "dot-normalized", "activations"),
    ("lengths taken for constants on the way back", "refimpl", DOT, "gradients = (unit.backward((), own, g)[0] for unit, own, g in each)", "gradients = (g * own[2] for unit, own, g in each)", "dot-normalized", "gradients"),
)
