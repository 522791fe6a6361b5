"""django-hordak in a process and a database of its own: what the ledger is compared with. The platform knows nothing of it."""
