"""What a fetch may change is read of the program that XLA compiled."""

import numpy as np
import pytest

from equivalence.graph.fusions import read

TEXT = """HloModule step

%fused (param_0: f32[3], param_1: f32[3]) -> f32[3] {
  %param_0 = f32[3]{0} parameter(0)
  %param_1 = f32[3]{0} parameter(1)
  %mul.1 = f32[3]{0} multiply(%param_0, %param_1), metadata={op_type="Mul" op_name="mul"}
  %neg.1 = f32[3]{0} negate(%mul.1), metadata={op_type="Neg" op_name="neg"}
  %sum.1 = f32[3]{0} add(%neg.1, %param_1), metadata={op_type="AddV2" op_name="sum"}
  %out.1 = f32[3]{0} multiply(%sum.1, %param_0), metadata={op_type="Mul" op_name="out"}
  ROOT %r.1 = f32[3]{0} rsqrt(%out.1), metadata={op_type="Sqrt" op_name="root"}
}

ENTRY %step (a: f32[3], b: f32[3]) -> (f32[3], /*index=1*/f32[3]) {
  %a = f32[3]{0} parameter(0), metadata={op_name="a"}
  %b = f32[3]{0} parameter(1)
  %dot.1 = f32[3]{0} dot(%a, %b), metadata={op_type="MatMul" op_name="dot"}
  %f = f32[3]{0} fusion(%dot.1, %b), kind=kLoop, calls=%fused, metadata={op_name="root"}
  %two = (f32[3]{0}, f32[3]{0}) custom-call(%f), metadata={op_name="two"}
  ROOT %tuple = (f32[3]{0}, f32[3]{0}) tuple(%f, %dot.1)
}
"""


def test_a_product_in_a_fusion_is_rounded_once_more_where_a_sum_takes_it():
    program = read(TEXT)
    assert program.rounded == {"mul", "neg"}
    assert program.kept == {"dot", "root", "two"}


def test_what_was_rewritten_may_change_a_bit_when_it_is_fetched():
    program = read(TEXT)
    assert program.may_change("Sqrt", "root") and program.may_change("Mul", "left out")
    assert program.may_change("Mul", "mul") and not program.may_change("Mul", "out")
    assert not program.may_change("Reshape", "left out") and not program.may_change("AddV2", "sum")


@pytest.mark.tensorflow
def test_the_program_that_xla_compiles_is_read():
    import tensorflow as tf

    @tf.function(jit_compile=True)
    def step(x, y):
        product = tf.multiply(x, y, name="product")
        total = tf.add(product, x, name="total")
        return tf.linalg.matmul(tf.tanh(total, name="bent"), y, name="last")

    x = np.random.default_rng(0).normal(size=(64, 64)).astype(np.float32)
    program = read(step.experimental_get_compiler_ir(x, x)(stage="optimized_hlo"))
    assert program.rounded == {"product"} and "last" in program.kept
    assert not {"product", "total"} & program.kept
