"""Sessions: whoever is logged in, kept in the store for every process, known to it only by hashes.

What a session holds is sealed under a key that the browser's cookie completes: the store and the master key without the
cookie tell nobody who is logged in. Roles are not kept: the directory is asked at each request.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from fastapi import Request, Response
from sqlalchemy import Engine

from hub.errors import StoreCorrupt, TokenInvalid
from hub.ledger import sessions
from hub.ledger.database import reading, writing
from hub.ledger.sessions import Row
from hub.privacy.sealing import NONCE_BYTES, expand, open_sealed, seal
from hub.web.login.proving import Identities, Proven
from hub.web.session import Lasting, Session

VALUE_BYTES = 32
TOUCHED_EVERY = timedelta(seconds=60)
"""So exact is what is known of when a session was used last: noting it at each request would write for each."""
LEEWAY = timedelta(seconds=60)
"""By how much the clocks of two hub servers may differ; what is later than that does not count."""
_VALUE = re.compile(r"[A-Za-z0-9_-]{43}")
_REF, _SEAL, _FORM, _READER = b"ref", b"seal", b"form", b"reader"


class Limits(NamedTuple):
    """For how long a session counts: unused, and at most."""

    idle: timedelta
    longest: timedelta


class Kept(msgspec.Struct, frozen=True):
    """What a session holds, sealed; `issuer` is whose claims they are."""

    issuer: str
    claims: dict[str, Any]
    name: str
    id_token: str
    last_visit: datetime | None


class Sessions:
    """Begins, finds and ends sessions. Threads may share it.

    Args:
        key: 32 bytes that all processes share.
        is_https: whether browsers come by HTTPS, and so send the cookie by nothing else.
    """

    def __init__(
        self,
        store: Engine,
        identities: Identities,
        key: bytes,
        limits: Limits,
        *,
        random_bytes: Callable[[int], bytes],
        now: Callable[[], datetime],
        is_https: bool,
    ) -> None:
        self._store = store
        self._identities = identities
        self._key = key
        self._limits = limits
        self._random_bytes = random_bytes
        self._now = now
        self._is_https = is_https
        self.cookie = "__Host-session" if is_https else "session"

    @property
    def idle(self) -> timedelta:
        """After how long without any use a login ends."""
        return self._limits.idle

    def session(self, request: Request, *, is_use: bool = True) -> Session | None:
        """Give the session of a browser, None if it has none that counts now.

        Raises:
            StoreUnavailable: it cannot be told now.
        """
        value = self._value(request)
        found = None if value is None else self._found(value)
        if value is None or found is None:
            return None
        row, kept = found
        try:
            reader = self._identities.person(kept.claims)
        except TokenInvalid:
            return None  # what was enough at the login no longer is
        if not reader.roles or kept.issuer != self._identities.issuer.url:
            return None
        now, seen_at = self._now(), row.seen_at
        if is_use and not -LEEWAY < now - seen_at < TOUCHED_EVERY:
            with writing(self._store) as connection:
                sessions.touch(connection, row, now)
            seen_at = now
        latest = min(row.created_at + self._limits.longest, row.expires_at)
        lasting = Lasting(now, min(seen_at + self.idle, latest), latest, self.idle)
        return Session(reader, kept.name, self._form_token(value), kept.last_visit, lasting)

    def begin(self, request: Request, response: Response, proven: Proven) -> None:
        """Begin a session of whoever logged in, under a new name; what the browser had before ends."""
        now, before = self._now(), self._value(request)
        value = base64.urlsafe_b64encode(self._random_bytes(VALUE_BYTES)).rstrip(b"=").decode()
        issuer = self._identities.issuer.url
        reader_ref = self._reader_ref(self._identities.person(proven.claims).reader_id)
        sessions.purge(self._store, now)
        with writing(self._store) as connection:
            if before is not None:
                sessions.end(connection, self._ref(before))
            last_visit = sessions.visit(connection, reader_ref, now)
            kept = Kept(issuer, dict(proven.claims), proven.name, proven.id_token, last_visit)
            sessions.add(connection, self._row(value, reader_ref, now, kept))
        response.set_cookie(self.cookie, value, httponly=True, samesite="lax", secure=self._is_https, path="/")

    def end(self, request: Request, response: Response, *, everywhere: bool) -> str | None:
        """End a browser's session, or all of its reader's; give the ID token of the login, None if there was none."""
        value = self._value(request)
        found = None if value is None else self._found(value)
        if value is not None:
            with writing(self._store) as connection:
                sessions.end(connection, self._ref(value))
                if everywhere and found is not None:
                    sessions.end_all(connection, found[0].reader_ref)
        response.delete_cookie(self.cookie, httponly=True, samesite="lax", secure=self._is_https, path="/")
        return None if found is None else found[1].id_token

    def others(self, request: Request) -> int:
        """Count the other sessions of a browser's reader, elsewhere."""
        value = self._value(request)
        found = None if value is None else self._found(value)
        if found is None:
            return 0
        now = self._now()
        with reading(self._store) as connection:
            count = sessions.count(connection, found[0].reader_ref, used_since=now - self._limits.idle, now=now)
        return max(0, count - 1)

    def _found(self, value: str) -> tuple[Row, Kept] | None:
        ref = self._ref(value)
        with reading(self._store) as connection:
            row = sessions.find(connection, ref)
        if row is None or not self._counts(row):
            return None
        try:
            content = open_sealed(self._sealing_key(value), row.nonce, row.content, ref + row.reader_ref)
            return row, msgspec.json.decode(content, type=Kept)
        except (StoreCorrupt, msgspec.DecodeError):
            return None  # what was changed in the store is nobody's session

    def _counts(self, row: Row) -> bool:
        """Tell whether a session counts now; the limits are those of now, and a time to come is a clock put back."""
        now, (idle, longest) = self._now(), self._limits
        if max(row.created_at, row.seen_at) > now + LEEWAY:
            return False
        return now < min(row.seen_at + idle, row.created_at + longest, row.expires_at)

    def _row(self, value: str, reader_ref: bytes, now: datetime, kept: Kept) -> Row:
        ref, nonce = self._ref(value), self._random_bytes(NONCE_BYTES)
        content = seal(self._sealing_key(value), nonce, msgspec.json.encode(kept), ref + reader_ref)
        return Row(ref, reader_ref, now, now, now + self._limits.longest, nonce, content)

    def _value(self, request: Request) -> str | None:
        value = request.cookies.get(self.cookie)
        return value if value is not None and _VALUE.fullmatch(value) else None

    def _ref(self, value: str) -> bytes:
        return expand(self._key, _REF + value.encode())

    def _sealing_key(self, value: str) -> bytes:
        return expand(self._key, _SEAL + value.encode())

    def _form_token(self, value: str) -> str:
        return base64.urlsafe_b64encode(expand(self._key, _FORM + value.encode())).rstrip(b"=").decode()

    def _reader_ref(self, reader_id: str) -> bytes:
        return hmac.digest(self._key, _READER + reader_id.encode(), "sha256")
