"""The read model: one module per table, rows computed from a folded state, written by the engine."""
