"""A simulated region: seeded, deterministic, with real places."""
