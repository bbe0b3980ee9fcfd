"""Sealing: AES-256-GCM under keys that are derived per event, and the keyed hashes that go with it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from hub.errors import StoreCorrupt

NONCE_BYTES = 12
_EVENT = b"parcours-hub/v1/event/"
_COMMITMENT = b"parcours-hub/v1/commitment/"


def expand(key: bytes, info: bytes) -> bytes:
    """Derive a 32-byte key from a uniform key: the first block of HKDF-Expand (RFC 5869, section 2.3)."""
    return hmac.digest(key, info + b"\x01", "sha256")


def event_keys(subject_key: bytes) -> Callable[[bytes], bytes]:
    """Give the function that derives the keys of a subject's events from their ids, as `expand` would.

    The key of one event can be disclosed without giving away the subject's other events.
    """
    mac = keyed_hash(subject_key, _EVENT)
    return lambda event_id: mac(event_id + b"\x01")


def keyed_hash(key: bytes, prefix: bytes = b"") -> Callable[[bytes], bytes]:
    """Give HMAC-SHA256 under one key, of texts that all begin with `prefix`.

    For many texts: the hash begins once, which leaves 0.5 of 1.4 microseconds for each text.
    """
    begun = HMAC(key, SHA256())
    begun.update(prefix)

    def digest(text: bytes) -> bytes:
        mac = begun.copy()
        mac.update(text)
        return mac.finalize()

    return digest


def seal(key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Encrypt and authenticate; the same key and nonce must never seal two different texts.

    Returns:
        The ciphertext with its 16-byte tag at the end.
    """
    return AESGCM(key).encrypt(nonce, plaintext, aad)


def open_sealed(key: bytes, nonce: bytes, ciphertext: bytes, aad: bytes) -> bytes:
    """Decrypt what `seal` made.

    Raises:
        StoreCorrupt: the ciphertext, its nonce or its associated data is not what was sealed under this key.
    """
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, aad)
    except (InvalidTag, ValueError) as error:
        raise StoreCorrupt(
            "sealed bytes do not authenticate: they, or what is stored beside them, were changed; "
            "restore the store from a backup"
        ) from error


def commitment(key: bytes) -> bytes:
    """Commit to a key: 32 bytes that tell whether a key disclosed later is the one that sealed.

    AES-GCM does not commit by itself: one ciphertext can be made to open under two keys.
    """
    return hashlib.sha256(_COMMITMENT + key).digest()
