"""Packages and merging: applies decided facts, never runs a use case."""
