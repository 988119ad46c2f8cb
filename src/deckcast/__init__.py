"""Deckcast turns a slide deck into a presenter video."""

__version__ = "0.1.0"
