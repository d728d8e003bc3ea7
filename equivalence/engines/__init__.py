"""Those who run a program and record it: NumPy, and TensorFlow's engines."""
