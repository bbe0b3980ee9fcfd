"""Who is logged in, as a browser's cookie says."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol

from fastapi import Request

from hub.domain.access import Reader
from hub.errors import StoreUnavailable


class Session(NamedTuple):
    """A login: who reads, what the provider calls them, and the secret that their forms carry.

    `last_visit` is when the visit before this one ended, in UTC; None on the first.
    """

    reader: Reader
    name: str
    form_token: str
    last_visit: datetime | None


class Logins(Protocol):
    """Knows who is logged in."""

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
