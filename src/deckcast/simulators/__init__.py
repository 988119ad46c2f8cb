"""Servers that stand in for paid providers: for a dry run without money, and for faults on request."""
