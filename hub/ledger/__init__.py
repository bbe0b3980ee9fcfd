"""The event store: append-only ledger, consumer offsets, duplicates and quarantine."""
