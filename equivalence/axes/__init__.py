"""The axes of a run beside its pair: twin, engine, device, and TensorFlow's switches.

``switches`` is the table of what TensorFlow reads when a process starts; ``table``
crosses it with the twins and engines; ``join`` lays the trajectories of many runs
side by side and finds where two of them part; ``positions`` asks whether an element's
result depends on where it stands in its array.
"""
