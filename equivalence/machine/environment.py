"""What this machine and its software are, and what about them is unusual."""

import hashlib
import json
import os
import platform
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

import numpy as np

from equivalence.arithmetic import midpoints
from equivalence.arithmetic.processor import LIMITS
from equivalence.machine import switches

# The trees whose code decides what a run computes and how it is judged.
TREES = ("refimpl", "tfimpl", "equivalence")
PACKAGES = ("numpy", "tensorflow", "keras", "python-flint", "hypothesis")
FLAGS = ("avx2", "fma", "avx512f", "avx512_bf16", "amx_bf16")
VARIABLES = (
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_XLA_FLAGS",
    "XLA_FLAGS",
    "NVIDIA_TF32_OVERRIDE",
    "CUDA_VISIBLE_DEVICES",
    "OPENBLAS_CORETYPE",
    "NPY_DISABLE_CPU_FEATURES",
    *LIMITS,
    midpoints.SETTING,
)


@cache
def environment():
    """Return everything that may change the bits of a run; imports TensorFlow.

    ``environment`` is a name for all of it: twelve characters that differ where any of
    it does.
    """
    facts = _facts()
    text = json.dumps(facts, sort_keys=True)
    return {"environment": hashlib.sha256(text.encode()).hexdigest()[:12], **facts}


def _facts():
    import keras
    import tensorflow as tf

    _, flags = _cpu()
    return {
        **software(),
        **{name: _version(name) for name in PACKAGES},
        "cpu_flags": flags,
        "cores": os.cpu_count(),
        "keras_backend": keras.backend.backend(),
        "floatx": keras.config.floatx(),
        "switches": dict(switches.active()),
        "onednn": uses_onednn(),
        "xla_auto_jit": tf.config.optimizer.get_jit() or "off",
        "tf32": bool(tf.config.experimental.tensor_float_32_execution_enabled()),
        "determinism": _determinism(),
        "longdouble_bits": int(np.finfo(np.longdouble).nmant) + 1,
        "threads": tf.config.threading.get_intra_op_parallelism_threads() or "all cores",
        "devices": [d.name.removeprefix("/device:") for d in tf.config.list_logical_devices()],
        "gpu": _gpus(tf),
        "variables": {name: os.environ[name] for name in VARIABLES if name in os.environ},
    }


@cache
def software():
    """Return the facts by which a run of other software or another machine is told.

    These are ``environment``'s, read without importing TensorFlow.
    """
    return {
        "source": source(),
        "python": platform.python_version(),
        **{name: _version(name) for name in ("numpy", "tensorflow", "keras")},
        "system": f"{platform.system()} {platform.machine()}",
        "cpu": _cpu()[0],
        "blas": _blas(),
    }


@cache
def source():
    """Return the ``digest`` of the code as this process found it."""
    return digest()


def digest():
    """Return twelve characters that change with any line of this project's code."""
    root, digest = Path(__file__).parents[2], hashlib.sha256()
    for tree in TREES:
        for file in sorted((root / tree).rglob("*.py")):
            digest.update(file.relative_to(root).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def _version(package):
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _blas():
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return f"{blas.get('name')} {blas.get('version')}"


def _cpu():
    """Return the CPU's model name and which of FLAGS it has."""
    model, flags = platform.processor() or platform.machine(), []
    if sys.platform == "linux":
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            lines = dict(line.split(":", 1) for line in file if ":" in line)
        facts = {key.strip(): value.strip() for key, value in lines.items()}
        model = facts.get("model name", model)
        flags = [flag for flag in FLAGS if flag in facts.get("flags", "").split()]
    return model, flags


def uses_onednn():
    """Say whether TensorFlow's oneDNN operations are on; the library itself knows."""
    from tensorflow.python.util import _pywrap_util_port

    return bool(_pywrap_util_port.IsMklEnabled())


def _determinism():
    from tensorflow.python.framework.config import is_op_determinism_enabled

    return bool(is_op_determinism_enabled())


def _gpus(tf):
    """Return name, compute capability and driver of each GPU."""
    found = []
    for device in tf.config.list_physical_devices("GPU"):
        details = tf.config.experimental.get_device_details(device)
        found.append(
            {
                "name": details.get("device_name"),
                "compute_capability": details.get("compute_capability"),
                "cuda": tf.sysconfig.get_build_info().get("cuda_version"),
                "driver": _driver(),
            }
        )
    return found


def _driver():
    path = "/proc/driver/nvidia/version"
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        return file.readline().strip()


# What a person should know before believing or doubting a run: a test of the
# environment, and the sentence that it prints.
UNUSUAL = (
    (
        lambda e: e["longdouble_bits"] < 64,
        "longdouble has {longdouble_bits} bits here: float64 runs have midpoints of two floats.",
    ),
    (
        lambda e: not e["onednn"],
        "oneDNN is off (TF_ENABLE_ONEDNN_OPTS=0): another matmul than most users have.",
    ),
    (lambda e: e["determinism"], "deterministic operations are on: fit will not use XLA."),
    (
        lambda e: e["gpu"] and e["tf32"],
        "TF32 is on: float32 matmuls on this GPU have 10 bits of fraction, not 23.",
    ),
    (lambda e: not e["gpu"], "no GPU: TensorFlow lists only {devices}."),
    (lambda e: "fma" not in e["cpu_flags"], "this CPU reports no fused multiply-add."),
    (lambda e: e["variables"], "set in the environment: {variables}."),
)


def unusual(facts):
    """Return a sentence for everything that is unusual in an environment."""
    return [sentence.format(**facts) for test, sentence in UNUSUAL if test(facts)]
