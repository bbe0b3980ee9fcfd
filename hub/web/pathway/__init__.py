"""What the pages of a person's pathway show, made from a view: pure, and unit-tested without a server."""
