"""Logging in to the pages: the OpenID provider's part, the browser's part, and the sessions that follow."""
