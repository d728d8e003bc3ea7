"""Test set-up: quiet TensorFlow, one BLAS thread a worker, rarer garbage, Hypothesis profiles."""

import gc
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("EQUIVALENCE_CACHE", "")  # no test hangs on what others have found
if "PYTEST_XDIST_WORKER" in os.environ:  # a worker for each core: more threads would only wait
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from hypothesis import HealthCheck, settings

from equivalence.machine import memory

# TensorFlow's graphs are millions of objects that live on: looking for garbage among them
# after every 700 new ones, Python's default, takes a tenth of the time.
gc.set_threshold(100_000, 50, 50)
memory.keep_freed()

# Examples for each property of each pair; those of `ci` are always the same, `deep` is for a night.
PROFILES = {"default": 8, "ci": 20, "deep": 10_000}

for name, examples in PROFILES.items():
    settings.register_profile(
        name,
        max_examples=examples,
        deadline=None,
        print_blob=True,
        derandomize=name == "ci",
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
