"""Commands of authority."""
