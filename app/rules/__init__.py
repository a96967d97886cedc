"""Business rules as pure functions: no store, no Qt, no clock."""
