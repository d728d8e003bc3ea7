"""What ``equivalence gpu`` runs, and what each row must show."""

from dataclasses import dataclass

from equivalence.machine.devices import kind


@dataclass(frozen=True)
class GpuRow:
    """Runs on a GPU: what they show, and their dtype, setting, engines and pairs."""

    words: str
    dtype: str
    setting: tuple
    engines: tuple
    pairs: tuple


# A pair for each kind of network, loss and optimizer, and the matmul that shows TF32.
GPU_PAIRS = (
    "dense-2-2",
    "sigmoid-2-2-2",
    "tanh-softmax-2-2-2",
    "relu-softmax-2-2-2",
    "momentum",
    "adagrad",
    "rmsprop",
    "adam",
    "quadratic-rmse-adam",
    "quadratic-adam-minibatch",
    "iris-softmax",
    "iris-minibatch",
    "celsius-1-4-4-1",
    "saturated-softmax",
    "square-64",
)


# The pair whose matmul is large enough for tensor cores.
SHOWS_TF32 = "square-64"


GPU_ROWS = (
    GpuRow(
        "float32, TF32 off",
        "float32",
        (("tf32", "off"),),
        ("eager", "graph", "xla", "train_on_batch", "fit"),
        GPU_PAIRS,
    ),
    GpuRow(
        "float32, TF32 on: outside float32's enclosure, inside TF32's",
        "float32",
        (("tf32", "on"),),
        ("graph", "xla", "fit"),
        ("iris-softmax", "celsius-1-4-4-1", SHOWS_TF32),
    ),
    GpuRow("float64", "float64", (), ("eager", "graph", "xla", "fit"), GPU_PAIRS),
    GpuRow(
        "float32, TF32 off, deterministic operations",
        "float32",
        (("deterministic", "on"), ("tf32", "off")),
        ("graph", "fit"),
        GPU_PAIRS,
    ),
)


def gpu_runs(devices):
    """Return (GpuRow, GPU, Spec fields) for every run on the GPUs among ``devices``."""
    return [
        (row, device, {"pair": pair, "dtype": row.dtype, "engine": engine})
        for row in GPU_ROWS
        for device in devices
        if kind(device) == "GPU"
        for pair in row.pairs
        for engine in row.engines
    ]


def did_nothing(result):
    """Say whether a run was to show TF32 and had float32's own precision."""
    spec = result.spec
    shows = spec.pair == SHOWS_TF32 and dict(spec.switches).get("tf32") == "on"
    return shows and kind(spec.device) == "GPU" and not (result.without_tf32 or 0) > 1
