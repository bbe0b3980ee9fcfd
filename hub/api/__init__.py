"""The HTTP API: publish, query and follow, each reading guarded and recorded."""
