"""The TensorFlow side: engines that run a program and record it.

Importing it changes nothing in a process: ``machine.keras_settings`` does, for as long as a
run takes or for a process of ours.
"""
