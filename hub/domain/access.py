"""Who may read what: decisions about access, pure, from who asks, what ties them to the person, and the day.

Need-to-know: an adviser reads the people they accompany and, for 30 days, those they accompanied; anyone else only for
a stated reason. Managers see figures, never a person. What a role does not need of health is not shown to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from enum import IntEnum
from types import MappingProxyType
from typing import Literal, NamedTuple, get_args

Role = Literal["adviser", "site_lead", "manager", "auditor", "dpo", "publisher", "operator"]
ROLES: tuple[Role, ...] = get_args(Role)

TieGround = Literal["referent", "delegation", "expertise", "diagnosis"]
Ground = Literal["referent", "delegation", "expertise", "diagnosis", "site", "break_glass", "audit", "data_protection"]

SYSTEM_ROLES: frozenset[Role] = frozenset({"publisher", "manager", "operator"})
"""The roles that count for a system: it accompanies nobody and cannot say why it reads someone."""
Reason = Literal["emergency", "replacement", "person_request", "complaint", "audit", "data_request"]
REASONS: Mapping[Reason, str] = MappingProxyType(
    {
        "emergency": "urgence",
        "replacement": "remplacement d'un collègue",
        "person_request": "à la demande de la personne",
        "complaint": "réclamation",
        "audit": "contrôle",
        "data_request": "exercice de droits sur les données",
    }
)
"""Why someone reads a person whom they do not accompany, with the French label; each is explained in a text besides."""
READ_AFTER = timedelta(days=30)
"""How long whoever accompanied a person may still read them: the old referent hands over."""


class Action(NamedTuple):
    """Something that a role may do at all, whoever it is about."""

    name: str
    roles: frozenset[Role]


def _action(name: str, *roles: Role) -> Action:
    return Action(name, frozenset(roles))


READ_PERSON = _action("read_person", "adviser", "site_lead", "auditor", "dpo")
BREAK_GLASS = _action("break_glass", "adviser", "site_lead", "auditor", "dpo")
SEARCH = _action("search", "adviser", "site_lead", "auditor", "dpo")
LOOK_UP = _action("look_up", "adviser", "site_lead", "publisher")
CASELOAD = _action("caseload", "adviser", "site_lead")
FOLLOW = _action("follow", "adviser", "site_lead")
DECIDE = _action("decide", "adviser", "site_lead")
PUBLISH = _action("publish", "publisher")
FIGURES = _action("figures", "manager", "site_lead")
READ_ACCESS_LOG = _action("read_access_log", "dpo", "auditor")
REPORT = _action("report", "dpo")
RELEASE = _action("release", "dpo")
OPERATE = _action("operate", "operator")


EVERYWHERE = "*"
"""Stands for all départements among a reader's: nothing less than it is the whole country."""


class Reader(NamedTuple):
    """Who asks, as the token or the machine's login says.

    `reader_id` names them for good (`issuer|subject`, `cli:login`); `adviser` is the id by which events of `network`
    name this adviser; `sites` are SAFIR codes and `departments` their départements, for leads and managers.
    """

    reader_id: str
    roles: frozenset[Role]
    network: str | None = None
    adviser: str | None = None
    organisation: str | None = None
    sites: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    is_system: bool = False


class Tie(NamedTuple):
    """What made an adviser accompany a person: from a day, until a day once it ended, in UTC.

    `adviser` is empty while a network is asked for something and nobody there took it on: the lead of the site sees it.
    """

    ground: TieGround
    network: str
    adviser: str
    site: str | None
    from_date: date
    until_date: date | None


class Sight(IntEnum):
    """How much of a person is shown."""

    NOTHING = 0
    WITHOUT_HEALTH = 1
    FULL = 2


class Verdict(NamedTuple):
    """What a reader sees of a person, and on which ground; `ground` is None where they see nothing."""

    sight: Sight
    ground: Ground | None


DENIED = Verdict(Sight.NOTHING, None)


def roles_of(reader: Reader) -> frozenset[Role]:
    """Give the roles that count for a reader: what a system may not be, it is not, whatever its token says."""
    return reader.roles & SYSTEM_ROLES if reader.is_system else reader.roles


def may(reader: Reader, action: Action) -> bool:
    """Tell whether one of the reader's roles allows an action at all."""
    return not roles_of(reader).isdisjoint(action.roles)


def last_day_that_holds(today: date) -> date:
    """Give the day such that a tie that ended before it gives no access today."""
    return today - READ_AFTER


def holds(tie: Tie, today: date) -> bool:
    """Tell whether a tie gives access on a day: from its first day to 30 days after its last."""
    return tie.from_date <= today and (tie.until_date is None or tie.until_date >= last_day_that_holds(today))


def sees(reader: Reader, ties: Iterable[Tie], today: date, *, has_reason: bool) -> Verdict:
    """Decide what a reader sees of a person; `has_reason`: they stated why, for this person, and it still counts.

    Of several grounds the one that shows most counts, then the one named first below.
    """
    held = [tie for tie in ties if holds(tie, today)]
    found = [*_of_adviser(reader, held), *_of_site(reader, held), *_of_office(reader, has_reason=has_reason)]
    return max(found, key=lambda verdict: verdict.sight, default=DENIED)


def is_own(reader: Reader, tie: Tie) -> bool:
    """Tell whether the reader is the adviser of a tie."""
    if "adviser" not in roles_of(reader) or not reader.network or not reader.adviser:
        return False
    return (tie.network, tie.adviser) == (reader.network, reader.adviser)


def is_led(reader: Reader, tie: Tie) -> bool:
    """Tell whether the reader leads the site of a tie, in its network."""
    if "site_lead" not in roles_of(reader) or not reader.network:
        return False
    return tie.network == reader.network and tie.site in reader.sites


def _of_adviser(reader: Reader, held: Iterable[Tie]) -> Iterator[Verdict]:
    own = {tie.ground for tie in held if is_own(reader, tie)}
    for ground in get_args(TieGround):
        if ground in own:
            yield Verdict(Sight.FULL, ground)


def _of_site(reader: Reader, held: Iterable[Tie]) -> Iterator[Verdict]:
    if any(is_led(reader, tie) for tie in held):
        yield Verdict(Sight.WITHOUT_HEALTH, "site")


def _of_office(reader: Reader, *, has_reason: bool) -> Iterator[Verdict]:
    roles = roles_of(reader)
    if "auditor" in roles:
        yield Verdict(Sight.FULL if has_reason else Sight.WITHOUT_HEALTH, "audit")
    if "dpo" in roles and has_reason:
        yield Verdict(Sight.FULL, "data_protection")
    if has_reason and not roles.isdisjoint({"adviser", "site_lead"}):
        yield Verdict(Sight.FULL, "break_glass")


class Limits(NamedTuple):
    """How many people a reader may read before they are slowed (in an hour) and stopped (in a day).

    `own` are people whom they accompany or whose site they lead, `other` all others; a system has one limit for all.
    """

    own_slow_per_hour: int
    own_stop_per_day: int
    other_slow_per_hour: int
    other_stop_per_day: int
    system_slow_per_hour: int
    system_stop_per_day: int


class Pace(IntEnum):
    """Whether a reader may go on."""

    FREE = 0
    SLOWED = 1
    STOPPED = 2


def pace(
    limits: Limits, *, is_system: bool, own_last_hour: int, own_last_day: int, other_last_hour: int, other_last_day: int
) -> Pace:
    """Decide whether a reader may go on, from how many people they read lately, those of this request included."""
    if is_system:
        hour, day = own_last_hour + other_last_hour, own_last_day + other_last_day
        return _pace(hour, limits.system_slow_per_hour, day, limits.system_stop_per_day)
    return max(
        _pace(own_last_hour, limits.own_slow_per_hour, own_last_day, limits.own_stop_per_day),
        _pace(other_last_hour, limits.other_slow_per_hour, other_last_day, limits.other_stop_per_day),
    )


def _pace(last_hour: int, slow_per_hour: int, last_day: int, stop_per_day: int) -> Pace:
    if last_day > stop_per_day:
        return Pace.STOPPED
    return Pace.SLOWED if last_hour > slow_per_hour else Pace.FREE


SMALLEST_SHOWN = 5
"""A figure about fewer people is not shown: they could be told from it."""
