"""The pathway, subject by subject, and the fold."""
