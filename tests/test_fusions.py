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


def test_a_program_is_compared_with_one_in_which_something_is_fetched():
    program = read(TEXT)
    assert not program.lost_in(program)
    # The product is rounded for who fetches it, and the sum takes it so.
    fetched = TEXT.replace(
        "%neg.1 = f32[3]{0} negate(%mul.1)", "%neg.1 = f32[3]{0} negate(%param_0)"
    )
    (way,) = program.lost_in(read(fetched))
    assert way.operations == {"mul", "neg", "sum"}
    assert way.around == {*way.operations, "out", "root"}
    # A product that is used twice is rounded, too.
    twice = TEXT.replace("multiply(%sum.1, %param_0)", "multiply(%sum.1, %mul.1)")
    assert [way.operations for way in program.lost_in(read(twice))] == [{"mul", "neg", "sum"}]
    # What is copied is rounded as it was.
    assert not program.lost_in(read(TEXT.replace("tuple(%f, %dot.1)", "tuple(%two, %f, %dot.1)")))


SUMMED = """HloModule step

%plus (a: f32[], b: f32[]) -> f32[] {
  %a = f32[] parameter(0)
  %b = f32[] parameter(1)
  ROOT %c = f32[] add(%a, %b), metadata={op_type="Sum" op_name="sum"}
}

%fused (p: f32[4,3], q: f32[3]) -> f32[3] {
  %p = f32[4,3]{1,0} parameter(0)
  %q = f32[3]{0} parameter(1)
  %zero = f32[] constant(0)
  %sum.1 = f32[3]{0} reduce(%p, %zero), dimensions={0}, to_apply=%plus, metadata={op_name="sum"}
  ROOT %add.1 = f32[3]{0} add(%q, %sum.1), metadata={op_type="AddN" op_name="all"}
}

ENTRY %step (x: f32[4,3], y: f32[3]) -> f32[3] {
  %x = f32[4,3]{1,0} parameter(0)
  %y = f32[3]{0} parameter(1)
  ROOT %f = f32[3]{0} fusion(%x, %y), kind=kLoop, calls=%fused, metadata={op_name="all"}
}
"""
FETCHED = SUMMED.replace(
    "ROOT %add.1 = f32[3]{0} add(%q, %sum.1)", "%add.1 = f32[3]{0} add(%q, %q)"
)
FETCHED = FETCHED.replace("%sum.1 = f32[3]{0} reduce", "ROOT %sum.1 = f32[3]{0} reduce")


def test_many_terms_are_summed_by_what_stands_in_their_fusion():
    """As the gradient of a bias in a loop, which is added to those of the rounds before."""
    program = read(SUMMED)
    assert program.kept == {"all"}  # and not what sums two numbers
    assert {"sum", "all"} in [way.operations for way in program.lost_in(read(FETCHED))]


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
