"""What a certificate says beside the numbers: modes, reads and writes without order, effects."""

import numpy as np
import pytest

import equivalence

pytestmark = pytest.mark.tensorflow

X = np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3)


def remarks(layer, about, **options):
    """Return the remarks of this kind on a model with a layer in its middle."""
    import keras

    model = keras.Sequential([keras.Input((3,)), layer, keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    report = equivalence.certify(model, X, X[:, :1], steps=1, **options)
    assert all(str(each) in " ".join(str(report).split()) for each in report.remarks)
    return [each for each in report.remarks if each.about == about]


def of_own(call):
    """Return a layer whose ``call`` is this function of itself and x."""
    import keras

    kind = type("Own", (keras.layers.Layer,), {"call": call})
    return kind(name="own")


def test_a_layer_as_in_inference_is_named():
    import keras

    class Inside(keras.layers.Layer):
        def __init__(self, mode):
            super().__init__(name="inside")
            self.norm, self.mode = keras.layers.BatchNormalization(name="norm"), mode

        def call(self, x):
            return self.norm(x, training=self.mode)

    assert [each.layer for each in remarks(Inside(False), "mode")] == ["norm"]
    assert remarks(Inside(None), "mode") == remarks(Inside(True), "mode") == []
    frozen = keras.layers.BatchNormalization()
    frozen.trainable = False
    assert remarks(frozen, "mode") == remarks(keras.layers.Dropout(0.5), "mode") == []


def test_a_step_that_forgets_that_it_trains_is_named():
    import keras
    import tensorflow as tf

    class Forgetful(keras.Model):
        def __init__(self):
            super().__init__()
            self.drop, self.dense = keras.layers.Dropout(0.5), keras.layers.Dense(1)

        def call(self, x, training=None):
            return self.dense(self.drop(x, training=training))

        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(self(x) - y))
            weights = self.trainable_variables
            self.optimizer.apply(tape.gradient(loss, weights), weights)
            return {"loss": loss}

    model = Forgetful()
    model.compile("sgd", "mse")
    report = equivalence.certify(model, X, X[:, :1], steps=1)
    (remark,) = report.remarks
    assert remark.about == "mode" and remark.layer.startswith("dropout")


def test_what_prints_or_writes_is_said_and_done_once(tmp_path, capfd):
    import tensorflow as tf

    file = str(tmp_path / "lines")

    def call(self, x):
        tf.io.write_file(file, "written")
        tf.print("printed by the graph")
        return x

    found = remarks(of_own(call), "effect")
    assert [each.words.partition(":")[0] for each in found] == [
        "WriteFile writes a file",
        "PrintV2 prints",
    ]
    assert all("test_remarks.py" in each.line for each in found)
    assert (tmp_path / "lines").read_text() == "written"
    assert all("each step ran it once" in each.words for each in found)
    assert capfd.readouterr().err.count("printed by the graph") == 1


def test_what_python_prints_while_the_step_is_traced_is_said(capsys):
    def call(self, x):
        print("while tracing")
        return x

    (found,) = remarks(of_own(call), "effect")
    assert "printed while it was traced" in found.words
    assert "while tracing" in capsys.readouterr().out


def test_reads_and_writes_that_nothing_orders_are_named():
    import tensorflow as tf

    from equivalence.graph.remarks import find_remarks
    from equivalence.graph.trace import Origin

    variable = tf.Variable(1.0, name="shared")

    def found(ordered):
        with tf.Graph().as_default() as graph:  # no automatic order, as in a tf.function
            handle = tf.raw_ops.VarHandleOp(dtype=tf.float32, shape=[], shared_name="shared")
            read = tf.raw_ops.ReadVariableOp(resource=handle, dtype=tf.float32)
            with tf.control_dependencies([read] if ordered else []):
                tf.raw_ops.AssignAddVariableOp(resource=handle, value=tf.constant(1.0))
        origins = {operation.name: Origin("layer") for operation in graph.get_operations()}
        return find_remarks(graph, origins, {handle.op.name: variable}, [])

    assert found(ordered=True) == []
    (remark,) = found(ordered=False)
    assert remark.about == "order"
    assert "shared: nothing orders ReadVariableOp and AssignAddVariableOp" in str(remark)
