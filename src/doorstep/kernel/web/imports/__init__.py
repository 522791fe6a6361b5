"""Excel and CSV in: read within bounds, map, rehearse, apply."""
