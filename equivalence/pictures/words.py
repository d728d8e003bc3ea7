"""What a picture says of the run that it shows."""

from equivalence.engines.table import ENGINES


def of_text(pair):
    """Return which pair it is, and in which text and section it stands."""
    return f"{pair.name} · {pair.where}"


def where(run):
    """Return which pair, which text and section, how long, and by what, in words."""
    spec = run.spec
    by = []
    if "numpy" in run.sides:
        by.append("NumPy")
    if "tensorflow" in run.sides:
        twin = "Keras" if spec.twin == "keras" else "GradientTape"
        by.append(f"TensorFlow ({twin}, {ENGINES[spec.engine].words})")
    return f"{of_text(run.pair)} · {run.length} in {spec.dtype}, {' and '.join(by)}"
