"""Which case records are one person: pure functions from what the records say and what people decided."""
