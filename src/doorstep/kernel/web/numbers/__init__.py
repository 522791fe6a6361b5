"""The page of the numbers of rules: all that packages declare, each with its source, changed from a day on."""
