"""Addresses that name case records to nobody: sealed, for one reader, and the same each time so that a link lasts."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterable

import msgspec

from hub.api.queries.pairs import References
from hub.api.queries.suggestions import After
from hub.domain.access import DECIDE, Reader, may
from hub.domain.pathway.leg import case_text
from hub.errors import StoreCorrupt
from hub.privacy.sealing import NONCE_BYTES, expand, open_sealed, seal
from hub.projections.records import CaseRow

PATH = "/rapprochements"
LONGEST = 200
_REF_BYTES = 16
_TAG_BYTES = 16
SEALED = f"^[A-Za-z0-9_-]{{{-(-8 * (NONCE_BYTES + 2 * _REF_BYTES + _TAG_BYTES) // 6)}}}$"
"""What the address of a pair ends with."""


def address(key: bytes, reader: Reader, refs: References) -> str:
    """Give the address of a page about two case records, by their references; it opens for this reader alone."""
    return f"{PATH}/{_sealed(key, reader, b'pair', b''.join(sorted(refs)))}"


def pages_of(
    key: bytes, reader: Reader, members: Iterable[CaseRow], pairs: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """Give the addresses for pairs of keys (`network/scope/local_id`) of which both records are among the members.

    None for a reader who decides nothing.
    """
    if not may(reader, DECIDE):
        return {}
    refs = {case_text(row.case): row.subject_ref for row in members}
    known = [(left, right) for left, right in pairs if left in refs and right in refs]
    return {(left, right): address(key, reader, (refs[left], refs[right])) for left, right in known}


def refs_of(key: bytes, reader: Reader, text: str) -> References | None:
    """Read the references of an address; None if it is not one that the hub gave this reader."""
    body = _opened(key, reader, b"pair", text)
    return None if body is None else (body[:_REF_BYTES], body[_REF_BYTES:])


def page_of(key: bytes, reader: Reader, after: After) -> str:
    """Write where a page of suggestions begins."""
    return _sealed(key, reader, b"page", msgspec.msgpack.encode(after))


def after_of(key: bytes, reader: Reader, text: str) -> After | None:
    """Read where a page begins; None if the hub did not write it for this reader."""
    body = _opened(key, reader, b"page", text)
    return None if body is None else After(*msgspec.msgpack.decode(body, type=tuple[int | None, int]))


def _sealed(key: bytes, reader: Reader, purpose: bytes, body: bytes) -> str:
    about = _about(reader, purpose)
    # What is sealed again is sealed alike: a nonce that follows from the content never meets another content.
    nonce = hmac.digest(expand(key, b"address/nonce"), about + body, "sha256")[:NONCE_BYTES]
    sealed = nonce + seal(expand(key, b"address/key"), nonce, body, about)
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def _opened(key: bytes, reader: Reader, purpose: bytes, text: str) -> bytes | None:
    try:
        sealed = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
        return open_sealed(
            expand(key, b"address/key"), sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _about(reader, purpose)
        )
    except (UnicodeEncodeError, binascii.Error, StoreCorrupt):
        return None


def _about(reader: Reader, purpose: bytes) -> bytes:
    return purpose + b"\x00" + reader.reader_id.encode(errors="surrogatepass") + b"\x00"
