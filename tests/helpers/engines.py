"""The runs of a layer or a model that take turns: (twin, engine, dtype)."""

EAGER = (("tape", "eager", "float32"), ("keras", "eager", "float64"))
_ALL_BUT_XLA = (
    ("tape", "graph", "float32"),
    ("keras", "eager", "float64"),
    ("keras", "fit", "float32"),
    ("keras", "graph", "float64"),
    ("tape", "eager", "float32"),
    ("keras", "train_on_batch", "float64"),
    ("keras", "graph", "float32"),
    ("tape", "graph", "float64"),
    ("keras", "fit", "float64"),
)
# XLA, which compiles for long, has half as many turns as the others.
ENGINES = (*_ALL_BUT_XLA, *_ALL_BUT_XLA, ("keras", "xla", "float32"), ("tape", "xla", "float64"))
