"""The Kafka adapter on a real broker, and what a broker may do to it."""
