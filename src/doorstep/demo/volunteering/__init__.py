"""Two years of volunteering and culture of the demo district: teams, services, points, slips, events."""
