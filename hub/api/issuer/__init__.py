"""A small OpenID provider for demonstrations and tests, on this machine only: it asks nobody for a password."""

from hub.api.issuer.app import create_local_issuer
from hub.api.issuer.minting import WEB_CLIENT, LocalIssuer
from hub.api.issuer.users import LocalSystem, LocalUser

__all__ = ["WEB_CLIENT", "LocalIssuer", "LocalSystem", "LocalUser", "create_local_issuer"]
