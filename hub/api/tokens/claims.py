"""From a token's claims to who asks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hub.domain.access import ROLES, SYSTEM_ROLES, Reader, Role
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, Departement, Reference, Safir
from hub.errors import TokenInvalid, Usage

MOST_SITES = 500
MOST_DEPARTMENTS = 110
PERSON_ROLES: frozenset[Role] = frozenset(ROLES) - {"publisher"}
"""What a person may be: events come from the systems that they work with."""

_SUBJECT = re.compile(r"[!-~]{1,255}")  # OpenID Connect Core 1.0, section 2: at most 255 ASCII characters
_Network = Literal["france_travail", "cap_emploi"]
if set(get_args(_Network)) != {FRANCE_TRAVAIL, CAP_EMPLOI}:  # pragma: no cover
    raise AssertionError("the networks of tokens are those of the domain")


class ClaimNames(NamedTuple):
    """Which claim holds what; a dotted path leads into objects (`realm_access.roles`)."""

    roles: str = "roles"
    network: str = "network"
    adviser: str = "adviser"
    organisation: str = "organisation"
    sites: str = "sites"
    departments: str = "departments"


class Standing(BaseModel):
    """What someone is to the hub, whether a token or the directory says so."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    roles: Annotated[frozenset[Role], Field(max_length=len(ROLES))] = frozenset()
    network: _Network | None = None
    adviser: Reference | None = None
    organisation: Reference | None = None
    sites: Annotated[frozenset[Safir], Field(max_length=MOST_SITES)] = frozenset()
    departments: Annotated[frozenset[Departement | Literal["*"]], Field(max_length=MOST_DEPARTMENTS)] = frozenset()


NOBODY = Standing()


def claim_names(overrides: Mapping[str, str]) -> ClaimNames:
    """Give the names of the claims, where some are not the default.

    Raises:
        Usage: there is nothing of such a name to be found in claims.
    """
    unknown = sorted(set(overrides) - set(ClaimNames._fields))
    if unknown:
        raise Usage(f"HUB_OIDC_CLAIMS names {', '.join(unknown)}; expected {', '.join(ClaimNames._fields)}")
    return ClaimNames(**overrides)


def standing_of(claims: Mapping[str, Any], names: ClaimNames) -> Standing:
    """Read from claims what someone is; roles that the hub does not know are for other applications.

    Raises:
        TokenInvalid: a claim is malformed.
    """
    roles = [role for role in _several(_claim(claims, names.roles)) if role in ROLES]
    try:
        return Standing(
            roles=roles,
            network=_single(_claim(claims, names.network)),
            adviser=_single(_claim(claims, names.adviser)),
            organisation=_single(_claim(claims, names.organisation)),
            sites=_several(_claim(claims, names.sites)),
            departments=_several(_claim(claims, names.departments)),
        )
    except ValidationError as error:
        field = str(error.errors(include_input=False, include_url=False)[0]["loc"][0])
        name = getattr(names, field)
        raise TokenInvalid(
            f"the token's claim `{name}` is malformed for the hub's `{field}`; let the provider correct it, or set "
            "HUB_OIDC_CLAIMS"
        ) from None


def reader_of(issuer: str, claims: Mapping[str, Any], standing: Standing, *, is_system: bool) -> Reader:
    """Give who asks.

    Raises:
        TokenInvalid: the token does not say whom it is about.
    """
    subject = claims.get("sub")
    if not isinstance(subject, str) or _SUBJECT.fullmatch(subject) is None:
        raise TokenInvalid("the token's claim `sub` is missing or malformed")
    return Reader(
        reader_id=f"{issuer}|{subject}",
        roles=standing.roles & (SYSTEM_ROLES if is_system else PERSON_ROLES),
        network=standing.network,
        adviser=None if is_system else standing.adviser,
        organisation=standing.organisation,
        sites=standing.sites,
        departments=standing.departments,
        is_system=is_system,
    )


def client_of(claims: Mapping[str, Any]) -> str | None:
    """Give the client that a token was given to."""
    client = claims.get("client_id", claims.get("azp"))
    return client if isinstance(client, str) else None


def is_of_system(claims: Mapping[str, Any]) -> bool:
    """Tell whether a token was given to a system for itself, and not for a person.

    RFC 9068, section 2.2: `sub` is then the client. Keycloak gives clients an account of this name; Entra and Auth0
    have a claim for it.
    """
    client = client_of(claims)
    if client is None:
        return False
    return (
        claims.get("sub") == client
        or claims.get("preferred_username") == f"service-account-{client.lower()}"
        or claims.get("idtyp") == "app"
        or claims.get("gty") == "client-credentials"
    )


def _claim(claims: Mapping[str, Any], path: str) -> Any:
    """Find a claim by its whole name, which may hold dots, or else by its path."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for step in path.split("."):
        if not isinstance(found, Mapping) or step not in found:
            return None
        found = found[step]
    return found


def _single(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _several(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, str):
        return value.replace(",", " ").split()
    return value if isinstance(value, list) else [value]
