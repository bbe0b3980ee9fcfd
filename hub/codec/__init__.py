"""Schemas, models and bytes: the contract's files, and the way from an event to its framed Avro record and back."""
