"""The axes of a run beside its pair: twin, engine, device, and TensorFlow's switches.

``table`` crosses the switches of ``machine.switches`` with the twins and engines, and lays
the trajectories of many runs side by side; ``report`` shows it.
"""
