"""Tensors whose balls are more than four times as wide as honest results lie apart, or nearly so.

Balls forget that two numbers are made of one: of a normalization's mean and variance, of the shares
of a softmax, of a gate and what it leaves (``plants/reach``).  Whoever sharpens a ball takes its
tensors out of here.
"""

# fmt: off
WIDE_BALLS: dict[str, tuple[str, ...]] = {
    "layer-layer-normalization": ("inputs",),
    "layer-layer-normalization-no-scale": ("inputs",),
    "layer-instance-normalization": ("inputs",),
    "layer-regularizers-heads": ("inputs1", "key_bias", "key_kernel", "query_bias", "query_kernel",),
    "layer-regularizers-2d": ("regularized5",),
    "layer-constraints-heads": ("inputs1", "key_bias", "key_kernel", "query_kernel",),
    "layer-masked-simple-rnn": ("simplernn2.bias",),
    "layer-attention-scaled-causal": ("inputs1", "inputs3", "scale",),
    "layer-attention-dropout-masked": ("inputs1", "inputs3",),
    "layer-attention-masked": ("inputs1",),
    "layer-multi-head-attention": ("inputs1", "key_bias",),
    "layer-multi-head-attention-causal": ("inputs1", "inputs3", "key_kernel", "outputs", "query_kernel",),
    "layer-multi-head-attention-masked": ("inputs1", "inputs3", "key_bias", "key_kernel", "query_bias", "query_kernel",),
    "layer-multi-head-attention-dropout": ("inputs1", "inputs2", "key_bias", "key_kernel", "query_bias", "query_kernel", "value_bias",),
    "layer-multi-head-attention-axes": ("inputs1", "key_bias",),
}

# In which tensors a relative error of 1e-5 passes (``plants/small_errors``): in wide balls, and
# where a step has too many roundings for the worst run to be asked for (``recurrent-two-layers``,
# ``recurrent-autoencoder``).
PASSING: dict[str, tuple[str, ...]] = {
    "residual": ("b.bias",),
    "recurrent-two-layers": ("bidirectional2.forward_biasb",),
    "recurrent-autoencoder": ("lstm1.biasb",),
    "layer-regularizers-heads": ("key_bias",),
    "layer-regularizers-2d": ("regularized4b",),
    "layer-constraints-heads": ("key_kernel", "query_kernel",),
    "layer-lstm-dropout": ("backward_kernelb",),
    "layer-masked-gru": ("gru2.kernel",),
    "layer-masking-recurrent": ("gru5.recurrent_kernel",),
    "layer-bidirectional-masked": ("bidirectional2.forward_recurrent_kernel", "embedding1b",),
    "layer-bidirectional-masked-unrolled": ("bidirectional2.forward_bias",),
    "layer-attention-concat": ("inputs1",),
    "layer-multi-head-attention": ("query_kernel",),
    "layer-multi-head-attention-causal": ("key_kernel", "query_kernel",),
    "layer-multi-head-attention-masked": ("key_kernel", "query_kernel",),
    "layer-multi-head-attention-dropout": ("inputs1", "query_bias", "query_kernel",),
    "layer-multi-head-attention-axes": ("query_kernel",),
}
