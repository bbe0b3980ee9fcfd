"""Who is logged in, as a browser's cookie says."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from fastapi import Request

from hub.domain.access import Reader
from hub.errors import StoreUnavailable


class Lasting(NamedTuple):
    """How long a login lasts, in UTC: until `ends`, unless it is used, and never past `latest`."""

    now: datetime
    ends: datetime
    latest: datetime
    idle: timedelta

    @property
    def left_s(self) -> int:
        """Give the seconds that are left without any use."""
        return int((self.ends - self.now).total_seconds())

    @property
    def most_s(self) -> int:
        """Give the seconds that are left however it is used."""
        return int((self.latest - self.now).total_seconds())

    @property
    def idle_s(self) -> int:
        """Give the seconds that a use adds at most."""
        return int(self.idle.total_seconds())


class Session(NamedTuple):
    """A login: who reads, what the provider calls them, and the secret that their forms carry.

    `last_visit` is when the visit before this one ended, in UTC; None on the first. `lasting` is None where nobody is
    logged in for real.
    """

    reader: Reader
    name: str
    form_token: str
    last_visit: datetime | None
    lasting: Lasting | None = None


class Logins(Protocol):
    """Knows who is logged in."""

    @property
    def idle(self) -> timedelta:
        """After how long without any use a login ends."""
        ...

    def session(self, request: Request, *, is_use: bool = True) -> Session | None:
        """Give the login of a browser, None if it has none that counts.

        Args:
            is_use: False where nobody did anything: an open page alone keeps no session alive.

        Raises:
            StoreUnavailable: it cannot be told now.
        """
        ...


def session_of(request: Request, logins: Logins) -> Session | None:
    """Give the login of a browser, asked for once in a request; a page that is rendered knows it from then on.

    Raises:
        StoreUnavailable: it cannot be told now.
    """
    state = request.state
    if hasattr(state, "failure"):
        raise state.failure
    if not hasattr(state, "session"):
        try:
            state.session = logins.session(request)
        except StoreUnavailable as error:
            state.failure = error  # a store that is away is waited for once
            raise
    session: Session | None = state.session
    return session
