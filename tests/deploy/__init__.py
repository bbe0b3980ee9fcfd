"""The files that deploy the hub, checked without a container engine: none runs here."""
