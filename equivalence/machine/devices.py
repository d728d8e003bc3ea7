"""Which devices a command runs on, and which rows a machine cannot run.

``--device`` takes any device that TensorFlow lists; ``all`` takes every one.  A
machine with a single device has nothing to compare it with: there the CPU is split
into two logical devices, which are devices to TensorFlow in all that matters here:
operations are placed on them and tensors lie on them.
"""

from dataclasses import dataclass

from equivalence.arithmetic.precisions import PRECISIONS
from equivalence.errors import BadInput

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


def kind(device):
    """Return "GPU" of "GPU:0"."""
    return device.rpartition("/")[2].split(":")[0].upper()


def has_tf32(dtype, device, setting, capability):
    """Say whether matmuls of a run round their operands to TF32.

    capability: the GPU's compute capability as (major, minor), None where unknown: then
    nothing is promised that the hardware may not keep, and the answer is no.
    """
    on = dict(setting).get("tf32", "on") == "on"
    can = kind(device) == "GPU" and PRECISIONS[dtype].tensor_cores
    return can and on and (capability or ()) >= TF32_FROM


def require(device):
    """Raise BadInput unless TensorFlow has a device in this process."""
    import tensorflow as tf

    there = [d.name.removeprefix("/device:") for d in tf.config.list_logical_devices()]
    if device not in there:
        raise BadInput(f"no device {device!r} here: TensorFlow lists {', '.join(there)}")


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
