"""Real servers for tests: Apache Kafka, PostgreSQL, and a proxy that cuts the network to them."""
