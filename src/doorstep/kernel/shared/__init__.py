"""What every package may use: the clock, errors, place codes, dated rows and searchable names."""
