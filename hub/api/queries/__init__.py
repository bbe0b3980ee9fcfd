"""What operations of the API and pages ask for alike: from a reading and plain arguments to plain rows."""
