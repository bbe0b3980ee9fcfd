"""Telemetry: what a running hub says about itself in logs, metrics, traces and health, without personal data."""
