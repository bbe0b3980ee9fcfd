"""The pathway: one module per subject (small state, `evolve`, anomalies); `Pathway` is their product."""
