"""What an adviser's first page shows, made of rows: what is to be done, what is new, and their people."""
