"""Who makes a request: the reader that its bearer token names, allowed to do what the operation is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials

from hub.access.asking import Asked
from hub.api.services import Services, services_of
from hub.domain.access import Action, may
from hub.errors import Denied, TokenInvalid

_bearer = HTTPBearer(bearerFormat="JWT", description="An access token of the OpenID provider.", auto_error=False)

Hub = Annotated[Services, Depends(services_of)]


def asked_of(
    request: Request, services: Hub, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Asked:
    """Give who asks and through which operation.

    Raises:
        TokenInvalid: there is no token, or none that counts.
    """
    if credentials is None:
        raise TokenInvalid("the request has no bearer token; send `Authorization: Bearer ...`")
    reader = services.tokens.reader(credentials.credentials)
    return Asked(reader, f"{request.method} {request.scope['route'].path}")


def allowed(action: Action) -> Callable[[Asked], Asked]:
    """Make the dependency of an operation that only some roles may use."""

    def asked(asked: Annotated[Asked, Depends(asked_of)]) -> Asked:
        if not may(asked.reader, action):
            raise Denied("none of your roles allows this")
        return asked

    return asked
