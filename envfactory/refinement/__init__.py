"""Rewriting over-specified requests into what a person would say, by operators whose contracts are checked."""
