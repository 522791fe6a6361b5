"""Plans for a district: pure algorithms over arrays; nothing here knows Django or the database."""
