"""What packages declare and `web`, `indicators` and the surfaces discover: figures, registers, findings, work."""
