"""What a person can do: one method, one named act, one unit of work."""
