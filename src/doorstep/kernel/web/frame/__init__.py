"""The frame around every page: navigation by place, language, type size, and finding a place by name."""
