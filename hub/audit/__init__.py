"""Audit: how things were, and why they are so."""
