"""One module or folder per noun; pages do not know each other."""
