"""Revisions of the tables: run on a copy of an older store, never at founding."""
