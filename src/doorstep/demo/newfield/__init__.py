"""Organisations of the new economy of the demo district, who covers them, who visits them; pages and assistance of communities."""
