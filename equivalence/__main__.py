"""``python -m equivalence``: the command, where no script is installed."""

from equivalence.cli import console_script

if __name__ == "__main__":
    console_script()
