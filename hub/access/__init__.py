"""Access: who reads whom, on which ground, and the record of it."""
