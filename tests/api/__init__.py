"""What the whole API promises: to every role, for every operation, whatever is sent, and to whoever stole an account."""
