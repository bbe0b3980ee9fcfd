"""Opaque tokens in tests: whom one names, and what verifies it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hub.api.tokens import Verifier
from tests.integration.tokens import SUBJECT, Provider

WEB = "their-web"
TOKEN = "0pAque-token_of.ProConnect~4"
PERSON = {"sub": SUBJECT, "email": "zoe@example.fr", "siret": "73282932000074", "uid": "u-4"}


def verifier_of(provider: Provider, directory: Path | None = None, **changed: Any) -> Verifier:
    given = {"audience": WEB, "client_id": "hub: it", "client_secret": "s+cret%", "directory": directory, **changed}
    return provider.verifier(**given)


def active(provider: Provider, **changed: Any) -> dict[str, Any]:
    """Give what ProConnect's introspection says of a token."""
    at = int(provider.time.timestamp())
    said = {"active": True, "sub": SUBJECT, "client_id": WEB, "aud": WEB, "acr": "eidas2", "scope": "openid"}
    both = {**said, "iss": provider.url, "iat": at, "exp": at + 60, "token_type": "Bearer", **changed}
    return {name: value for name, value in both.items() if value is not None}
