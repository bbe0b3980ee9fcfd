"""What brings events to the log: the publisher, the outbox relay, file adapters, the simulation."""
