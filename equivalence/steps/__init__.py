"""A program and the record of its steps."""
