"""Repeatable measurements of the hub, each beside the limit measured in the same run."""
