"""The table of defects planted into graphs of layers and into models that hold back."""

from dataclasses import replace

from equivalence.pairs.plant import Plant

FILE = "networks/functional.py"
# fmt: off
ROWS = (
    Plant("a source's second gradient in place of the first", "refimpl", FILE,
          "back.setdefault(source, []).append(one)", "back[source] = [one]", "residual",
          "flows"),
    Plant("sources in another order", "tfimpl", FILE,
          "x = alone_or_all([values[source] for source in sources])",
          "x = alone_or_all([values[source] for source in sources[::-1]])", "several-inputs",
          "activations"),
    Plant("gradients handed back in another order", "refimpl", FILE,
          "zip(sources, xb if", "zip(sources[::-1], xb if", "several-inputs", "flows"),
    Plant("penalties left out", "tfimpl", FILE,
          "targets), penalties)", "targets), ())", "residual", "loss"),
    Plant("states of the step before", "refimpl", FILE,
          "(*layer.next_states(kept), *after)", "(*own[len(layer.weight_names) :], *after)",
          "residual", "slots"),
    Plant("the same mask in every step", "refimpl", "layers/dropout.py",
          "[[0.0, 1.0]]", "[[0.0, 0.0]]", "overfitting", "slots"),
    Plant("penalties counted twice", "refimpl", "networks/sequential.py",
          "targets), penalties)", "targets), penalties * 2)", "overfitting", "loss"),
)
# fmt: on

PLANTS = tuple(replace(plant, group="models") for plant in ROWS)
