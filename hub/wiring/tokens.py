"""What reads bearer tokens, as the settings say."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from hub.api.services import Tokens
from hub.api.tokens import NoIssuer, verifier_of
from hub.settings import Settings
from hub.telemetry.logs import Log


def tokens_of(settings: Settings, now: Callable[[], datetime], log: Log) -> Tokens:
    """Make what reads the tokens of the OpenID provider; without one, every token is refused.

    Raises:
        Usage: a setting is malformed, contradicts another one, or names a file that cannot be read.
    """
    if settings.oidc_issuer is None:
        return NoIssuer()
    secret = settings.oidc_client_secret
    return verifier_of(
        settings.oidc_issuer,
        audience=settings.oidc_audience,
        claims=settings.oidc_claims,
        directory=settings.directory,
        client_id=settings.oidc_client_id,
        client_secret=None if secret is None else secret.get_secret_value(),
        levels=settings.oidc_acr,
        ca_file=settings.oidc_ca_file,
        now=now,
        clock=time.monotonic,
        log=log,
    )
