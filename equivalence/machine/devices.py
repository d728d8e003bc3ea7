"""Which devices a command runs on, and which rows a machine cannot run.

``--device`` takes any device that TensorFlow lists; ``all`` takes every one.  A
machine with a single device has nothing to compare it with: there the CPU is split
into two logical devices, which are devices to TensorFlow in all that matters here:
operations are placed on them and tensors lie on them.
"""

from collections import Counter
from dataclasses import dataclass, replace
from itertools import combinations

from equivalence import trees
from equivalence.judge.bits import part
from equivalence.machine import switches
from equivalence.runs.inputs import BadInput

KINDS = ("CPU", "GPU", "TPU")
# Compute capability from which a GPU's tensor cores know TF32 (NVIDIA Ampere).
TF32_FROM = (8, 0)
NO_GPU = "no GPU: TensorFlow lists only {devices}; rows on GPUs are skipped"
SPLIT = "one device only: the CPU is split into 2 logical devices (switch cpus=2)"


@dataclass(frozen=True)
class Choice:
    """The (setting, device) pairs to run, and what to tell the user about them."""

    places: tuple
    notes: tuple = ()


def listed(devices, setting):
    """Return the devices of a process with a setting, on a machine with ``devices``."""
    cpus = int(dict(setting).get("cpus", 1))
    others = [d for d in devices if kind(d) != "CPU"]
    return [*(f"CPU:{n}" for n in range(cpus)), *others]


def choose(asked, devices, settings):
    """Return the Choice for the devices that were asked for.

    asked: names such as "GPU:0", or "all"; None for CPU:0.
    devices: what TensorFlow lists on this machine without any switch.
    settings: the settings of the switches that were asked for.
    Raises BadInput for a device that is not there.
    """
    if not asked:
        return Choice(tuple((setting, "CPU:0") for setting in settings))
    if "all" in asked:
        return _all(devices, settings)
    for setting in settings:
        there = listed(devices, setting)
        for device in asked:
            if device not in there:
                hint = "; split the CPU with --switch cpus=2" if kind(device) == "CPU" else ""
                raise BadInput(
                    f"no device {device!r} here: TensorFlow lists {', '.join(there)}{hint}"
                )
    return Choice(tuple((setting, device) for setting in settings for device in asked))


def _all(devices, settings):
    notes = []
    if not any(kind(d) == "GPU" for d in devices):
        notes.append(NO_GPU.format(devices=", ".join(devices)))
    if len(devices) == 1 and not any("cpus" in dict(s) for s in settings):
        notes.append(SPLIT)
        settings = [(*setting, ("cpus", "2")) for setting in settings]
    places = [(setting, device) for setting in settings for device in listed(devices, setting)]
    return Choice(tuple(places), tuple(notes))


class Comparison:
    """The same runs on several devices, compared as soon as all of one kind have come.

    equal: how many had equal bits throughout, by two devices.
    apart: (Spec, device, device, Parting) of the others.
    """

    def __init__(self, specs):
        self.awaited = Counter(replace(spec, device="") for spec in specs)
        self.here = {}
        self.equal, self.apart = Counter(), []

    def add(self, spec, trajectory):
        """Take in what a run computed, None for one that broke off."""
        run = replace(spec, device="")
        self.awaited[run] -= 1
        if trajectory:
            self.here.setdefault(run, {})[spec.device] = trajectory
        if not self.awaited[run]:
            self._compare(run, self.here.pop(run, {}))

    def _compare(self, run, trajectories):
        for a, b in combinations(sorted(trajectories), 2):
            parting = part(trajectories[a], trajectories[b])
            if parting:
                self.apart.append((run, a, b, parting))
            else:
                self.equal[a, b] += 1

    def lines(self):
        """Yield what there is to say of the devices, a line each."""
        for (a, b), count in sorted(self.equal.items()):
            yield f"{a} and {b}: {count} runs with equal bits in all that was recorded"
        for run, a, b, parting in self.apart:
            yield (
                f"{a} and {b}: {run.pair} {run.dtype} {run.twin}/{run.engine} part at "
                f"{parting.sentence()}; weights up to {parting.largest_ulp:.0f} ULP apart"
            )


def kind(device):
    """Return "GPU" of "GPU:0"."""
    return device.rpartition("/")[2].split(":")[0].upper()


# Over how many logical CPUs MirroredStrategy runs where nobody asks for a number.
MIRRORED = ("2", "4")
# Losses that are means over samples: the mean of equal shares' means is the mean of all.
MEANS = ("mean_squared_error", "categorical_crossentropy")


def mirrored_settings(pair, setting, device):
    """Return the settings in which a pair can be trained on all devices of a kind.

    The devices must share every batch equally, and the loss must be a mean over samples:
    else the mean over devices of their losses is another number than the loss.
    """
    if not device.endswith(":0"):  # all devices at once: counted with the first
        return []
    if getattr(getattr(pair.network(trees.reference()), "output", None), "loss", None) is None:
        return []
    if pair.network(trees.reference()).output.loss.name not in MEANS or pair.last:
        return []
    batch = pair.batch_size or len(pair.data()[0])
    if kind(device) != "CPU":
        return [setting]
    counts = [dict(setting)["cpus"]] if "cpus" in dict(setting) else MIRRORED
    return [
        switches.ordered({**dict(setting), "cpus": count}.items())
        for count in counts
        if batch % int(count) == 0
    ]


def has_tf32(dtype, device, setting, capability):
    """Say whether matmuls of a run round their operands to TF32.

    capability: the GPU's compute capability as (major, minor), None where unknown: then
    nothing is promised that the hardware may not keep, and the answer is no.
    """
    on = dict(setting).get("tf32", "on") == "on"
    return kind(device) == "GPU" and dtype == "float32" and on and (capability or ()) >= TF32_FROM


def tf32_at_work(spec):
    """Say whether matmuls of a run in this process round their operands to TF32."""
    if kind(spec.device) != "GPU":
        return False
    return has_tf32(spec.dtype, spec.device, spec.switches, capability(spec.device))


def capability(device):
    """Return the compute capability of a GPU as (major, minor), None where unknown."""
    import tensorflow as tf

    gpu = tf.config.list_physical_devices("GPU")[int(device.rpartition(":")[2])]
    return tf.config.experimental.get_device_details(gpu).get("compute_capability")


# ------------------------------------------------------------ what verify-gpu runs


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
