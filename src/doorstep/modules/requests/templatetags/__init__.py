"""Template tags of requests."""
