"""Small things that a browser keeps for the hub: sealed, so that it can neither read nor change nor keep them long."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import msgspec

from hub.errors import StoreCorrupt
from hub.privacy.sealing import NONCE_BYTES, open_sealed, seal

Kind = TypeVar("Kind", bound=msgspec.Struct)
_LEEWAY_S = 60
"""By how much the clocks of two hub servers may differ."""


class Sealer:
    """Seals documents under a key that the hub's processes share; `purpose` keeps one kind from passing for another."""

    def __init__(
        self, key: bytes, purpose: str, random_bytes: Callable[[int], bytes], now: Callable[[], datetime]
    ) -> None:
        self._key = key
        self._purpose = purpose.encode()
        self._random_bytes = random_bytes
        self._now = now

    def seal(self, document: msgspec.Struct, bound_to: str) -> str:
        """Seal a document for what it is bound to, as a text that a cookie can hold."""
        nonce = self._random_bytes(NONCE_BYTES)
        content = msgspec.json.encode([int(self._now().timestamp()), document])
        sealed = nonce + seal(self._key, nonce, content, self._about(bound_to))
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open(self, text: str, kind: type[Kind], bound_to: str, *, longest_s: int) -> Kind | None:
        """Give what a text holds; None if it was changed, sealed for something else, or too long ago."""
        try:
            sealed = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
            content = open_sealed(self._key, sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._about(bound_to))
            sealed_at, document = msgspec.json.decode(content, type=tuple[int, kind])  # type: ignore[valid-type]
        except (UnicodeEncodeError, binascii.Error, StoreCorrupt, msgspec.DecodeError):
            return None
        age_s = self._now().timestamp() - sealed_at
        return document if -_LEEWAY_S <= age_s <= longest_s else None

    def _about(self, bound_to: str) -> bytes:
        return self._purpose + b"\x00" + bound_to.encode()
