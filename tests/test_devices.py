"""Devices: chosen as asked, used in fact, compared, and trained on together."""

from dataclasses import replace

import numpy as np
import pytest

from equivalence.cli.parser import main
from equivalence.engines import table
from equivalence.errors import BadInput
from equivalence.judge.certificate import rounding_model
from equivalence.judge.verdict import BIT_IDENTICAL, DIFFERENT, KINK, ROUNDING_IDENTICAL, judge
from equivalence.machine import devices, switches
from equivalence.machine.workers import Workers
from equivalence.pairs.table import PAIRS
from equivalence.results.devices import Comparison
from equivalence.results.result import Result, Spec
from equivalence.runs import gpu, select
from equivalence.runs.run import run, run_recorded
from equivalence.steps import numpy as numpy_runner
from equivalence.steps.program import program

pytestmark = pytest.mark.tensorflow

AGREE = (BIT_IDENTICAL, ROUNDING_IDENTICAL)
ONE, TWO = (), (("cpus", "2"),)


# ------------------------------------------------------------------- the choice

# What is asked for, what TensorFlow lists, and the (setting, device) pairs that are run.
CHOICES = (
    (None, ["CPU:0"], [(ONE, "CPU:0")]),
    (["GPU:0"], ["CPU:0", "GPU:0"], [(ONE, "GPU:0")]),
    (["all"], ["CPU:0", "GPU:0"], [(ONE, "CPU:0"), (ONE, "GPU:0")]),
    (["all"], ["CPU:0", "GPU:0", "GPU:1"], [(ONE, "CPU:0"), (ONE, "GPU:0"), (ONE, "GPU:1")]),
    (["all"], ["CPU:0"], [(TWO, "CPU:0"), (TWO, "CPU:1")]),
)


@pytest.mark.parametrize(("asked", "listed", "places"), CHOICES)
def test_devices_are_chosen_among_those_that_tensorflow_lists(asked, listed, places):
    assert list(devices.choose(asked, listed, [ONE]).places) == places


def test_without_a_gpu_the_choice_says_so():
    notes = " ".join(devices.choose(["all"], ["CPU:0"], [ONE]).notes)
    assert "no GPU: TensorFlow lists only CPU:0" in notes
    assert "2 logical devices" in notes
    assert devices.choose(["all"], ["CPU:0", "GPU:0"], [ONE]).notes == ()


def test_a_split_cpu_has_the_devices_that_it_was_split_into():
    assert devices.choose(["CPU:1"], ["CPU:0"], [TWO]).places == ((TWO, "CPU:1"),)
    with pytest.raises(BadInput, match="--switch cpus=2"):
        devices.choose(["CPU:1"], ["CPU:0"], [ONE])
    with pytest.raises(BadInput, match="lists CPU:0, GPU:0"):
        devices.choose(["GPU:1"], ["CPU:0", "GPU:0"], [ONE])


@pytest.mark.parametrize("gpus", [1, 2])
def test_every_gpu_gets_every_row_of_precision_and_engine(gpus):
    listed = ["CPU:0", *(f"GPU:{n}" for n in range(gpus))]
    runs = gpu.gpu_runs(listed)
    assert {device for _, device, _ in runs} == set(listed[1:])
    ran = {(row.dtype, *row.setting, fields["engine"]) for row, _, fields in runs}
    assert ("float32", ("tf32", "off"), "xla") in ran
    assert ("float32", ("tf32", "on"), "fit") in ran
    assert ("float32", ("deterministic", "on"), ("tf32", "off"), "graph") in ran
    assert ("float64", "fit") in ran
    assert gpu.gpu_runs(["CPU:0"]) == []
    for row, _, fields in runs:  # every one is a Spec that a worker can be started for
        assert fields["pair"] in PAIRS
        assert switches.ordered(row.setting) == row.setting


@pytest.mark.outer
def test_the_gpu_command_skips_every_row_with_its_reason(capsys):
    import tensorflow as tf

    if tf.config.list_physical_devices("GPU"):
        pytest.skip("this machine has a GPU: make verify-gpu runs the rows")
    assert main(["gpu"]) == 2
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == len(gpu.GPU_ROWS)
    assert all("skipped, no GPU: TensorFlow lists only CPU:0" in line for line in printed)


# ------------------------------------------------------------- the GPU's rounding

# dtype, device, setting, compute capability: does the hardware round to TF32?
TF32 = (
    (("float32", "GPU:0", (), (8, 0)), True),
    (("float32", "GPU:0", (("tf32", "on"),), (9, 0)), True),
    (("float32", "GPU:0", (("tf32", "off"),), (9, 0)), False),
    (("float64", "GPU:0", (), (9, 0)), False),
    (("float32", "GPU:0", (), (7, 5)), False),
    (("float32", "GPU:0", (), None), False),
    (("float32", "CPU:0", (), None), False),
)


@pytest.mark.parametrize(("place", "rounds"), TF32)
def test_tf32_is_reckoned_with_where_it_is_at_work(place, rounds):
    assert devices.has_tf32(*place) is rounds


def test_a_gpu_on_which_tf32_left_no_trace_is_reported():
    spec = Spec("square-64", "float32", "keras", "fit", "GPU:0", switches=(("tf32", "on"),))
    result = Result(spec, ROUNDING_IDENTICAL, True, "parted")
    assert gpu.did_nothing(replace(result, without_tf32=0.7))
    assert not gpu.did_nothing(replace(result, without_tf32=40.0))
    assert not gpu.did_nothing(replace(result, spec=replace(spec, switches=())))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "name", ["celsius-1-4-4-1", "tanh-softmax-2-2-2", "adam", "iris-minibatch"]
)
def test_the_gpus_rounding_models_have_a_row_for_every_function(name, dtype):
    """NumPy's own run lies in them, since NumPy is one of each model's platforms.

    TF32's balls are so wide that a ReLU may be undecidable.
    """
    reference = program(PAIRS[name], dtype)
    record = numpy_runner.run(reference, reference.start(), 5)
    for engine in table.NAMES:
        for tf32 in (False, dtype == "float32"):
            model = rounding_model(dtype, engine, "GPU:0", tf32)
            verdict = judge(reference, record, model=model).verdict
            assert verdict == BIT_IDENTICAL or (tf32 and verdict == KINK)


def _kept(x, bits, nearest):
    """Return float32 x with so many bits of fraction, rounded to nearest or cut off."""
    whole = x.view(np.uint32).astype(np.uint64)
    dropped = 23 - bits
    whole = whole + (1 << (dropped - 1)) if nearest else whole
    return (whole >> dropped << dropped).astype(np.uint32).view(np.float32)


def _matmul_of(bits, nearest):
    """Return a matmul that rounds its operands, forward and backward, as tensor cores do."""
    import tensorflow as tf

    def kept(x):
        return tf.numpy_function(lambda a: _kept(a, bits, nearest), [x], x.dtype)

    @tf.custom_gradient
    def matmul(a, b):
        def gradient(c):
            return kept(c) @ kept(tf.transpose(b)), kept(tf.transpose(a)) @ kept(c)

        return kept(a) @ kept(b), gradient

    return matmul


def _rounded_run(bits, nearest):
    """Return the reference of square-64, and a TensorFlow run whose matmuls keep ``bits``."""
    from equivalence.engines import build as tensorflow_runner
    from tfimpl.networks import OneLayer

    matmul = _matmul_of(bits, nearest)

    class Rounded(OneLayer):
        def forward(self, weights, X):
            W, B = weights
            Z = matmul(X, W) + B
            return Z, self.output.forward(Z)

    pair = PAIRS["square-64"]
    reference = program(pair, "float32")
    optimizer = pair.optimizer(tensorflow_runner.trees.tensorflow())
    runner = tensorflow_runner.build(Rounded(), optimizer, reference, "tape", "eager")
    return reference, runner.run(reference, runner.start(reference), 3)


@pytest.mark.parametrize("nearest", [True, False], ids=["rounded", "cut off"])
def test_operands_of_10_bits_are_outside_float32_and_inside_tf32(nearest):
    reference, record = _rounded_run(10, nearest)
    plain = rounding_model("float32", "eager")
    assert judge(reference, record, model=plain).verdict == DIFFERENT
    assert judge(reference, record, model=replace(plain, tf32=True)).verdict == ROUNDING_IDENTICAL


def test_operands_of_7_bits_are_outside_tf32_too():
    reference, record = _rounded_run(7, nearest=False)  # bfloat16's
    model = replace(rounding_model("float32", "eager"), tf32=True)
    assert judge(reference, record, model=model).verdict == DIFFERENT


# ------------------------------------------------------- where the tensors lie

ENGINES = ("eager", "graph", "xla", "train_on_batch", "fit", "split")


def _runs_on_two_cpus():
    """Run every engine on either logical CPU; also say on which devices operations ran."""
    places = {device: _places_of_matmuls(device) for device in ("CPU:0", "CPU:1")}
    found = {}
    for engine in ENGINES:
        for device in places:
            spec = Spec("iris-minibatch", "float32", "keras", engine, device, 1, switches=TWO)
            found[engine, device] = run_recorded(spec)
    return found, places


def _places_of_matmuls(device):
    """Return the devices on which the matmuls of a graph run were executed.

    TensorFlow's own account, in the graphs that its placer made since the last account.
    """
    from tensorflow.python.eager import context

    context.enable_run_metadata()
    run(Spec("square-64", "float32", "keras", "graph", device, 1, switches=TWO))
    metadata = context.export_run_metadata()
    context.disable_run_metadata()
    nodes = [n for graph in metadata.partition_graphs for n in graph.node]
    nodes += [
        n for graph in metadata.partition_graphs for f in graph.library.function for n in f.node_def
    ]
    nodes += [n for g in metadata.function_graphs for p in g.partition_graphs for n in p.node]
    return {n.device.rpartition("/device:")[2] for n in nodes if "MatMul" in n.op}


def _checked_on_the_wrong_device():
    import tensorflow as tf

    from equivalence.engines.base import check_placement

    with tf.device("CPU:1"):
        tensor, variable = tf.ones(3) * 2, tf.Variable([1.0])
    check_placement([tensor, variable], "CPU:1")
    check_placement([tensor, variable], "cpu:1")
    check_placement([tensor], "CPU:0")


@pytest.fixture(scope="module")
def two_cpus():
    with Workers(1) as pool:
        answer = pool.submit(_runs_on_two_cpus, setting=TWO)
        wrong = pool.submit(_checked_on_the_wrong_device, setting=TWO)
        with pytest.raises(RuntimeError, match=r"lies on .*CPU:1, not on CPU:0"):
            wrong.result()
        return answer.result()


def test_every_engine_runs_on_the_device_that_was_asked_for(two_cpus):
    runs, _ = two_cpus  # each was checked by where its tensors and variables lie
    assert len(runs) == 2 * len(ENGINES)
    assert {result.verdict for result, _ in runs.values()} <= set(AGREE)


def test_the_matmuls_are_executed_on_the_device_that_was_asked_for(two_cpus):
    assert two_cpus[1] == {"CPU:0": {"CPU:0"}, "CPU:1": {"CPU:1"}}


def test_devices_are_compared_with_each_other(two_cpus):
    runs = {result.spec: trajectory for result, trajectory in two_cpus[0].values()}
    comparison = Comparison(runs)
    for spec, trajectory in runs.items():
        if (spec.engine, spec.device) == ("fit", "CPU:1"):  # planted: one bit of one weight
            array = trajectory.weights["W"]
            array[3, 1, 2] = np.nextafter(array[3, 1, 2], np.float32(9))
        comparison.add(spec, trajectory)
    assert comparison.equal == {("CPU:0", "CPU:1"): len(ENGINES) - 1}
    ((spec, a, b, parting),) = comparison.apart
    assert (spec.engine, a, b) == ("fit", "CPU:0", "CPU:1")
    assert (parting.step, parting.stage, parting.tensor, parting.index) == (
        2,
        "weights",
        "W",
        (1, 2),
    )
    assert any("fit part at step 2, weight W[1, 2]" in line for line in comparison.lines())


def test_what_lies_elsewhere_is_not_compared_before_it_has_come():
    runs = [Spec("adam", "float32", "tape", "eager", d) for d in ("CPU:0", "CPU:1")]
    comparison = Comparison(runs)
    comparison.add(runs[0], None)  # broke off
    comparison.add(runs[1], object())
    assert list(comparison.lines()) == []


# ------------------------------------------------------------ beyond one device


def _mirrored(pairs, cpus):
    """Run pairs under MirroredStrategy on so many logical CPUs."""
    setting = (("cpus", cpus),)
    specs = [Spec(p, d, "keras", "mirrored", epochs=3, switches=setting) for p, d in pairs]
    return [run(spec) for spec in specs]


def _mirrored_with_a_defect(cpus):
    """The same with Keras's division of the loss by the number of replicas left out."""
    import keras.src.losses.loss as loss

    loss.scale_loss_for_distribution = lambda value: value
    return _mirrored([("square-64", "float32")], cpus)


SHARED = (("square-64", "float32"), ("square-64", "float64"), ("quadratic-adam-batch", "float32"))


@pytest.mark.parametrize("cpus", ["2", pytest.param("4", marks=pytest.mark.outer)])
def test_training_on_several_devices_matches_the_full_batch_step(cpus):
    setting = (("cpus", cpus),)
    with Workers(1) as pool:
        results = pool.submit(_mirrored, SHARED, cpus, setting=setting).result()
        (wrong,) = pool.submit(_mirrored_with_a_defect, cpus, setting=setting).result()
    assert [r.verdict for r in results] == [ROUNDING_IDENTICAL] * len(SHARED)
    assert wrong.verdict == DIFFERENT
    assert (wrong.first.step, wrong.first.stage) == (0, "loss")
    assert wrong.first.wrong_side == "tensorflow"


def test_devices_that_cannot_share_a_batch_equally_are_not_asked_to():
    """Keras means the means of unequal shares, and breaks off if the first batch has any."""
    settings = lambda name: select.mirrored_settings(PAIRS[name], (), "CPU:0")
    assert settings("square-64") == [(("cpus", "2"),), (("cpus", "4"),)]
    assert settings("iris-softmax") == [(("cpus", "2"),)]  # 150 samples
    assert settings("celsius-1") == []  # 7 samples
    assert settings("iris-minibatch") == []  # a smaller last batch
    assert settings("quadratic-rmse") == []  # a root of a mean is no mean
    assert select.mirrored_settings(PAIRS["square-64"], (), "CPU:1") == []
