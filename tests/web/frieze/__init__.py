"""Tests of the frieze: its model from a view, and its template."""
