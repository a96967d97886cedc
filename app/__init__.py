"""荣归 Ronggui: the off-line desk of veterans' service stations."""

__version__ = "0.1.0"
