"""Revisions of the store: one file each, applied in order by `hub.ledger.migrating`, never edited once released."""
