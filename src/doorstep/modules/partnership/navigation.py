"""Partners' own entries in the side navigation; the registers enter by themselves."""
