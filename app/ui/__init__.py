"""The window: the only place that knows Qt. shell > pages > kit."""
