"""The five course texts: what they are called, and what stands in which section."""

from equivalence.texts.sections import SECTIONS, Section, at, found, printed
from equivalence.texts.titles import TEXTS, Text, named
from equivalence.texts.unanswered import UNANSWERED

__all__ = ["SECTIONS", "TEXTS", "UNANSWERED", "Section", "Text", "at", "found", "named", "printed"]
