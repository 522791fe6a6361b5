"""Who acts, what appointments grant, and the gate that every model has exactly one of."""
