"""The same services from a terminal: one module per noun; never imports Qt."""
