"""The log: durable, ordered transport between producers and consumers, behind one port."""
