"""The operations, a module per resource; `router` of each is mounted by `hub.api.app`."""
