"""Two years of requests and whistles of the demo district, and live ones for its cast."""
