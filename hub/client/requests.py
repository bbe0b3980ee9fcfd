"""What a client asks with; the hub checks it."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from hub.client.documents import CaseRef


class Reason(NamedTuple):
    """Why the reader looks beyond the people they accompany; both are recorded."""

    code: str
    text: str


class Link(msgspec.Struct, frozen=True, tag_field="kind", tag="link"):
    """The two case records are one person's; `evidence` as the API names it."""

    left: CaseRef
    right: CaseRef
    evidence: str
    comment: str | None = None


class Unlink(msgspec.Struct, frozen=True, tag_field="kind", tag="unlink"):
    """They are not."""

    left: CaseRef
    right: CaseRef
    reason: str
    comment: str | None = None


class Reject(msgspec.Struct, frozen=True, tag_field="kind", tag="reject"):
    """A suggested pair is no match."""

    left: CaseRef
    right: CaseRef
    comment: str | None = None


class Settle(msgspec.Struct, frozen=True, tag_field="kind", tag="settle"):
    """Of a fact that both networks claim, one network's claim stands."""

    case: CaseRef
    fact: str
    kept_network: str
    reason: str


Decision = Link | Unlink | Reject | Settle
