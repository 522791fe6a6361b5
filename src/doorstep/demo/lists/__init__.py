"""Two years of the four lists in the demo district: what units offer, what was needed, what came of it."""
