"""Pictures of every page, dialog and window, of made-up people only: `python -m app.ui.shell.pictures OUT` (see __main__)."""
