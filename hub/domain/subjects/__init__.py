"""What events without a case are about: one module per subject (small state, `evolve`, anomalies)."""
