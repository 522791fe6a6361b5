"""Background jobs as the system administrator sees them: how many wait, which failed, and doing one again."""
