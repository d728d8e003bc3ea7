"""Planted defects: that the judge would notice."""
