"""A plugin of pytest: the fixture ``same_as_keras`` holds own code against Keras's in a test.

def test_mine(same_as_keras):
    same_as_keras(step, model, x, y)
"""

import pytest


@pytest.fixture
def same_as_keras():
    """Return ``check(mine, model, x, y, **options)``: it fails the test with the answer.

    The arguments are those of ``equivalence.diagnose``; where the numbers agree its Answer is
    returned.
    """

    def check(mine, model, x=None, y=None, **options):
        __tracebackhide__ = True
        from equivalence.diagnose.diagnosing import diagnose

        answer = diagnose(mine, model, x, y, **options)
        if not answer.agrees:
            pytest.fail(str(answer), pytrace=False)
        return answer

    return check
