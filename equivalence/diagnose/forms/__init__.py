"""The mathematics of ``refimpl`` with the places marked at which others do otherwise."""
