"""What auditors and data protection officers see, as plain models: no request, no database."""
