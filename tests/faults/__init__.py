"""Faults under load: workers, brokers, databases and networks break while a region is published and taken in."""
