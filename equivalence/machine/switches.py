"""TensorFlow's switches: what a process must be told before its first operation.

Each row of ``SWITCHES`` names one switch, the values that can be typed
(``--switch onednn=off``), and how a fresh process is set to each.  A setting is a
tuple of (switch, value) pairs in the order of the table; () leaves everything as
TensorFlow starts by itself.  A process has one setting for life: runs with other
settings run in other worker processes.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

from equivalence.errors import BadInput

ON_OFF = ("on", "off")
COUNTS = ("1", "2", "4")
MOST_COUNT = 64


@dataclass(frozen=True)
class Switch:
    """One switch.

    name: as it is typed.
    values: what the table of axes goes through, TensorFlow's own choice first.
    words: what it changes.
    variables: the environment of the process, by value; read before Python starts.
    configure: sets a process in which TensorFlow has just been imported.
    found: returns the value that the process really has, as it is typed.
    counts: any whole number may be typed, not only ``values``.
    """

    name: str
    values: tuple
    words: str
    variables: Callable = lambda value: {}
    configure: Callable = lambda tf, value: None
    found: Callable = lambda tf: None
    counts: bool = False

    def checked(self, value):
        """Return ``value``; raise BadInput with the choices if it is none."""
        number = int(value) if self.counts and value.isdecimal() else 0
        if value in self.values or 1 <= number <= MOST_COUNT:
            return str(number) if number else value
        more = f", or a number up to {MOST_COUNT}" if self.counts else ""
        choices = ", ".join(f"{self.name}={v}" for v in self.values)
        raise BadInput(f"no switch {self.name}={value}: the choices are {choices}{more}")


def _set_determinism(tf, value):
    from tensorflow.python.framework import config

    (config.enable_op_determinism if value == "on" else config.disable_op_determinism)()


def _determinism(tf):
    from tensorflow.python.framework import config

    return _on_off(config.is_op_determinism_enabled())


def _onednn(tf):
    """Ask the library itself, not the environment."""
    from tensorflow.python.util import _pywrap_util_port

    return _on_off(_pywrap_util_port.IsMklEnabled())


def _split_cpu(tf, value):
    (cpu,) = tf.config.list_physical_devices("CPU")
    parts = [tf.config.LogicalDeviceConfiguration() for _ in range(int(value))]
    tf.config.set_logical_device_configuration(cpu, parts)


def _on_off(value):
    return "on" if value else "off"


SWITCHES = (
    Switch(
        "onednn",
        ON_OFF,
        "oneDNN's kernels for matmul, softmax and more, or Eigen's",
        variables=lambda value: {"TF_ENABLE_ONEDNN_OPTS": "1" if value == "on" else "0"},
        found=_onednn,
    ),
    Switch(
        "deterministic",
        ("off", "on"),
        "tf.config.experimental.enable_op_determinism",
        configure=_set_determinism,
        found=_determinism,
    ),
    Switch(
        "tf32",
        ON_OFF,
        "float32 matmuls with 10 bits of fraction, on GPUs that can",
        configure=lambda tf, value: tf.config.experimental.enable_tensor_float_32_execution(
            value == "on"
        ),
        found=lambda tf: _on_off(tf.config.experimental.tensor_float_32_execution_enabled()),
    ),
    Switch(
        "threads",
        ("1", "2"),
        "threads inside one operation",
        configure=lambda tf, value: tf.config.threading.set_intra_op_parallelism_threads(
            int(value)
        ),
        found=lambda tf: str(tf.config.threading.get_intra_op_parallelism_threads()),
        counts=True,
    ),
    Switch(
        "cpus",
        COUNTS,
        "logical devices into which the CPU is split: CPU:0, CPU:1, ...",
        configure=_split_cpu,
        found=lambda tf: str(len(tf.config.list_logical_devices("CPU"))),
        counts=True,
    ),
)
BY_NAME = {switch.name: switch for switch in SWITCHES}


def parse(text):
    """Return ("onednn", "off") of "onednn=off"; raise BadInput with the choices."""
    name, sign, value = text.partition("=")
    if name not in BY_NAME or not sign:
        known = ", ".join(f"{s.name}={'|'.join(s.values)}" for s in SWITCHES)
        raise BadInput(f"no switch {text!r}: the switches are {known}")
    return name, BY_NAME[name].checked(value)


def settings(asked):
    """Return the settings that ``--switch`` asks for: every combination of the values.

    asked: texts such as "onednn=off"; two values of one switch make two settings.
    """
    values = {}
    for name, value in map(parse, asked or ()):
        values.setdefault(name, {})[value] = None
    names = [name for name in BY_NAME if name in values]
    return [tuple(zip(names, chosen)) for chosen in product(*(values[name] for name in names))]


def ordered(switches):
    """Return a setting, checked and in the order of the table."""
    chosen = dict(parse(f"{name}={value}") for name, value in dict(switches).items())
    return tuple((name, chosen[name]) for name in BY_NAME if name in chosen)


def label(setting):
    """Return a setting as it is typed, "default" for none."""
    return " ".join(f"{name}={value}" for name, value in setting) or "default"


def variables(setting):
    """Return the environment variables of a process with this setting."""
    return {k: v for name, value in setting for k, v in BY_NAME[name].variables(value).items()}


_active = ()


def apply(setting):
    """Set this process, in which TensorFlow has not computed anything yet.

    Raises RuntimeError where TensorFlow does not have what was asked for.
    """
    global _active
    if setting:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        import tensorflow as tf

        for name, value in setting:
            BY_NAME[name].configure(tf, value)
        for name, value in setting:
            found = BY_NAME[name].found(tf)
            if found != value:
                raise RuntimeError(f"asked for {name}={value}, TensorFlow has {name}={found}")
    _active = tuple(setting)


def active():
    """Return the setting of this process."""
    return _active
