"""The event catalogue: one module per subject, one frozen model per fact."""
