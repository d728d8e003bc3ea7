"""Operations of TensorFlow's graphs, one function each.

A function has the operation's arguments by place and its attributes by name.  A traced
training step consists of such operations: forward, backward and update.
"""
