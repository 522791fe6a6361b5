"""Pages of every declared register: one set of views for all."""
