"""The domain, pure: events, pathway, identity and rules. No I/O, no clock, no randomness."""
