"""Keys, the key store and sealing: what makes the ledger unreadable without the key-encryption key."""
