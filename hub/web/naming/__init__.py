"""What advisers and sites are called: events name them by code alone, and each network keeps a list of their names."""
