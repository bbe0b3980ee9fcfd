"""What the whole API promises: to every role, of every operation, whatever is sent, and against a stolen account."""
