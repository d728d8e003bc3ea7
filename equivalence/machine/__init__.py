"""The machine under the runs: processes, devices, TensorFlow's switches, the environment."""
