"""The directory: a file that says who is what to the hub, for providers whose tokens do not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from hub.api.tokens.claims import PERSON_ROLES, Standing, client_of
from hub.api.watched import Watched
from hub.domain.access import SYSTEM_ROLES
from hub.domain.ids import Siret
from hub.errors import Usage
from hub.telemetry.logs import Log

EFFECT_WITHIN_S = 1.0
LONGEST_WAIT_S = 10.0
"""Nobody is let in who was taken out meanwhile: requests wait for the reading, 0.3 s of a core for 20,000 entries."""
LARGEST_BYTES = 64 * 1024 * 1024
MOST_ENTRIES = 200_000
MOST_DEFECTS = 5

_Key = tuple[str, ...]
_Name = Annotated[str, Field(min_length=1, max_length=255)]


class Entry(Standing):
    """One of the directory: found by the token's `sub`, `email`, `siret` and `uid`, or for a system its client id."""

    sub: _Name | None = None
    email: Annotated[str, Field(min_length=3, max_length=255, pattern="@")] | None = None
    siret: Siret | None = None
    uid: _Name | None = None
    client: _Name | None = None
    note: Annotated[str, Field(max_length=200)] | None = None

    @model_validator(mode="after")
    def _found_one_way(self) -> Entry:
        ways = [self.sub, self.email, self.uid, self.client]
        if sum(way is not None for way in ways) != 1 or (self.siret is None) != (self.uid is None):
            raise ValueError("give one of `sub`, `email`, `client`, or `siret` with `uid`")
        if self.client is not None and not self.roles <= SYSTEM_ROLES:
            raise ValueError(f"a client can be {', '.join(sorted(SYSTEM_ROLES))} only")
        if self.client is None and not self.roles <= PERSON_ROLES:
            raise ValueError("only a client can be publisher; give its id as `client`")
        return self

    @property
    def key(self) -> _Key:
        """What it is found by."""
        if self.sub is not None:
            return ("sub", self.sub)
        if self.email is not None:
            return ("email", self.email.casefold())
        if self.client is not None:
            return ("client", self.client)
        return ("uid", str(self.siret), str(self.uid))


class Standings(NamedTuple):
    """The directory as it was read once."""

    by_key: Mapping[_Key, Standing]
    needs_person: bool
    """Some are found by what only a provider's userinfo may tell."""

    def of(self, claims: Mapping[str, Any], *, is_system: bool) -> Standing | None:
        """Give what the directory says of whom claims are about; None where it says nothing."""
        for key in _keys(claims, is_system=is_system):
            if (found := self.by_key.get(key)) is not None:
                return found
        return None


_ENTRIES = TypeAdapter(Annotated[list[Entry], Field(max_length=MOST_ENTRIES)])


def directory_of(path: Path, *, clock: Callable[[], float], log: Log) -> Watched[Standings]:
    """Read the directory, and read it again when it changed.

    Raises:
        Usage: the file cannot be read, or an entry is wrong.
    """
    return Watched(
        (path,),
        partial(_read, path),
        name="directory",
        size=lambda standings: len(standings.by_key),
        fresh_s=EFFECT_WITHIN_S,
        wait_s=LONGEST_WAIT_S,
        clock=clock,
        log=log,
    )


def _read(path: Path) -> Standings:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise Usage(f"HUB_DIRECTORY cannot be read: {path}, {error.strerror}") from error
    if len(content) > LARGEST_BYTES:
        raise Usage(f"HUB_DIRECTORY is larger than {LARGEST_BYTES} bytes: {path}")
    try:
        entries = _ENTRIES.validate_json(content)
    except ValidationError as error:
        raise Usage(f"HUB_DIRECTORY is wrong: {path}, {_defects(error)}") from None
    by_key: dict[_Key, Standing] = {}
    for number, entry in enumerate(entries, 1):
        if entry.key in by_key:
            raise Usage(f"HUB_DIRECTORY is wrong: {path}, entry {number} is found by the same as an earlier one")
        by_key[entry.key] = entry
    return Standings(by_key, any(key[0] in {"email", "uid"} for key in by_key))


def _defects(error: ValidationError) -> str:
    """Name entries by their number and what is wrong with them, without a value: it may be a person's."""
    defects = error.errors(include_input=False, include_url=False, include_context=False)
    told = [_defect(each["loc"], _message(each["type"], each["msg"])) for each in defects[:MOST_DEFECTS]]
    if len(defects) > MOST_DEFECTS:
        told.append(f"and {len(defects) - MOST_DEFECTS} more")
    return "; ".join(told)


def _message(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return f"has something that is none of {', '.join(sorted(Entry.model_fields))}"
    return message.removeprefix("Value error, ")


def _defect(place: tuple[int | str, ...], message: str) -> str:
    if not place or not isinstance(place[0], int):
        return f"expected a JSON list of entries: {message}"
    field = f" `{place[1]}`" if len(place) > 1 and place[1] in Entry.model_fields else ""
    return f"entry {place[0] + 1}{field}: {message}"


def _keys(claims: Mapping[str, Any], *, is_system: bool) -> list[_Key]:
    if is_system:
        return [("client", client)] if (client := client_of(claims)) is not None else []
    subject, email, siret, uid = (claims.get(name) for name in ("sub", "email", "siret", "uid"))
    keys: list[_Key] = []
    if isinstance(subject, str):
        keys.append(("sub", subject))
    if isinstance(siret, str) and isinstance(uid, str):
        keys.append(("uid", siret, uid))
    # Some providers write it as a text.
    if isinstance(email, str) and claims.get("email_verified") in (None, True, "true"):
        keys.append(("email", email.casefold()))
    return keys
