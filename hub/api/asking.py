"""Who makes a request: the reader that its bearer token names, allowed to do what the operation is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials

from hub.access.asking import Asked
from hub.api.exchange import exchange_of, template_of
from hub.api.quota import fields
from hub.api.services import Services, services_of
from hub.domain.access import Action, may
from hub.errors import Denied, TokenInvalid, TooManyRequests

_bearer = HTTPBearer(bearerFormat="JWT", description="An access token of the OpenID provider.", auto_error=False)

Hub = Annotated[Services, Depends(services_of)]


def asked_of(
    request: Request, services: Hub, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Asked:
    """Give who asks and through which operation.

    Raises:
        TokenInvalid: there is no token, or none that counts.
        TooManyRequests: the reader makes too many of them.
    """
    if credentials is None:
        raise TokenInvalid("the request has no bearer token; send `Authorization: Bearer ...`")
    reader = services.tokens.reader(credentials.credentials)
    left = services.quota.take(reader.reader_id)
    exchange_of(request.scope).headers.update(fields(services.quota.per_window, left))
    if left.requests < 0:
        raise TooManyRequests(
            f"you made more than {services.quota.per_window} requests within a minute; go on in {left.reset_s} s",
            left.reset_s,
        )
    return Asked(reader, f"{request.method} {template_of(request.scope)}")


def allowed(action: Action) -> Callable[[Asked], Asked]:
    """Make the dependency of an operation that only some roles may use."""

    def asked(asked: Annotated[Asked, Depends(asked_of)]) -> Asked:
        if not may(asked.reader, action):
            raise Denied("none of your roles allows this")
        return asked

    return asked
