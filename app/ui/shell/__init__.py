"""The frame around the pages: login, rail, search box, first run, crashes."""
