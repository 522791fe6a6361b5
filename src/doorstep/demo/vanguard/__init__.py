"""The vanguard of the demo district: posts, areas, projects, members who serve, what they did in two years."""
