"""Bearer tokens of any OpenID provider: checked, and turned into who asks."""

from hub.api.tokens.claims import ClaimNames, claim_names
from hub.api.tokens.issuer import Issuer
from hub.api.tokens.verifier import NoIssuer, Verifier, verifier_of

__all__ = ["ClaimNames", "Issuer", "NoIssuer", "Verifier", "claim_names", "verifier_of"]
