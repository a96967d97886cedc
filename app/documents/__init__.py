"""Papers and workbooks: dataclass in, bytes out."""
