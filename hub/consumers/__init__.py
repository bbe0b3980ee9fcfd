"""Consumers: the ingest loop, its gate, and the re-drive of quarantined records."""
