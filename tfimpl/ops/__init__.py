"""Operations of TensorFlow's graphs, one function each: the raw operation."""
