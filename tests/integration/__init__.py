"""Tests of the parts together, on real files and databases."""
