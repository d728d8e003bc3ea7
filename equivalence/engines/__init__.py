"""The TensorFlow side: engines that run a program and record it.

What TensorFlow and Keras read when they are imported is set here, before any of them is.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"
